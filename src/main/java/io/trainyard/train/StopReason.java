package io.trainyard.train;

import java.util.Locale;

/** Why a training that succeeded ended. */
public enum StopReason {
  EPOCHS,
  GOAL,
  EARLY_STOPPING,
  MAX_FAIL,
  MIN_GRADIENT,
  MU_MAX,
  TIME_LIMIT,
  STOPPED;

  /** The reason in answers and stored data. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
