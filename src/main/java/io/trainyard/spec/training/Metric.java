package io.trainyard.spec.training;

/** What is reported beside the loss. */
public enum Metric {
  ACCURACY(true),
  RMSE(false),
  MSE(false),
  MAE(false),
  R2(false);

  private final boolean risesWithQuality;

  Metric(boolean risesWithQuality) {
    this.risesWithQuality = risesWithQuality;
  }

  /** Whether more is better. */
  public boolean rises() {
    return risesWithQuality || this == R2;
  }
}
