package io.trainyard.spec;

/** What replaces a missing value. */
public sealed interface Imputation {
  /** A missing value is an error. */
  record Refuse() implements Imputation {}

  record Mean() implements Imputation {}

  record Median() implements Imputation {}

  record Constant(double element) implements Imputation {}
}
