package io.trainyard.train;

import java.util.Locale;

/** Why training ended, when it ended well. */
public enum StopReason {
  EPOCHS,
  GOAL,
  EARLY_STOPPING,
  MAX_FAIL,
  MIN_GRADIENT,
  MU_MAX,
  TIME_LIMIT,
  STOPPED;

  /** As callers see it. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
