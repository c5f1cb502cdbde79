/* SPDX-License-Identifier: MIT */
/* libsonde: why a port or host cannot be reached, and what ICMP says about it. */
#ifndef SONDE_SONDE_H
#define SONDE_SONDE_H

#include "base/address.h"
#include "base/error.h"
#include "base/record.h"
#include "catalog/errors.h"
#include "catalog/icmp.h"
#include "diagnose/report.h"
#include "net/why.h"

#endif
