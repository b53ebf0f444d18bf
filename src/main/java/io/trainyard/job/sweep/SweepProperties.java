package io.trainyard.job.sweep;

import io.trainyard.error.SettingRange;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of sweeps.
 *
 * @param trainingsAtOnce the trainings of a sweep that run side by side; 0: as many as the cores
 *     that trainings may use, since each has one thread
 * @param maxTrainings the most trainings of a sweep: its trials times their folds
 * @param checkTimeout how long the check of a sweep may take, with the wait for its turn: a caller
 *     has one sweep checked at a time
 */
@ConfigurationProperties("trainyard.sweeps")
public record SweepProperties(
    @DefaultValue("0") int trainingsAtOnce,
    @DefaultValue("1000") int maxTrainings,
    @DefaultValue("60s") Duration checkTimeout) {
  public SweepProperties {
    SettingRange.require("trainyard.sweeps.trainings-at-once", trainingsAtOnce, 0, 1024);
    SettingRange.require("trainyard.sweeps.max-trainings", maxTrainings, 1, 100_000);
    if (!checkTimeout.isPositive()) {
      throw new IllegalArgumentException(
          "trainyard.sweeps.check-timeout must be above 0, was " + checkTimeout);
    }
  }
}
