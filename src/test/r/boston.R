#!/usr/bin/env Rscript
# Writes ../../examples/stacked-regression/boston.csv: median values of owner-occupied homes in 506 tracts of Boston
# (in 1000 dollars, `medv`) and 13 columns about them. From the R package MASS (Debian: r-cran-mass; GPL-2 | GPL-3):
# Venables and Ripley 2002, "Modern Applied Statistics with S"; data of Harrison and Rubinfeld 1978, "Hedonic prices and
# the demand for clean air". The column `black` is as published; do not use it to decide about people.

here <- dirname(normalizePath(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))))
target <- file.path(here, "..", "..", "examples", "stacked-regression", "boston.csv")
write.csv(MASS::Boston, target, row.names = FALSE, quote = FALSE, eol = "\n")
