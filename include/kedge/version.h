/* SPDX-License-Identifier: MIT */
/** @file version.h
 *  The one place where the version stands; the build, the soname and the packages read it from here. */
#ifndef KEDGE_VERSION_H
#define KEDGE_VERSION_H

#define KEDGE_VERSION_MAJOR 0 /**< changes when a program must be changed to build or run */
#define KEDGE_VERSION_MINOR 1 /**< changes when something was added */
#define KEDGE_VERSION_PATCH 0 /**< changes when something was mended */
#define KEDGE_VERSION "0.1.0" /**< the three numbers as text */

#endif
