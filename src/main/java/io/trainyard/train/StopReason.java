package io.trainyard.train;

import java.util.Locale;

/** Why a training ended that was neither cancelled nor broken off by a fault. */
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
