package io.trainyard.train;

/** What a training should do next. */
public enum TrainingCommand {
  CONTINUE,
  /** Finish now and return the weights to publish. */
  STOP,
  /** End without weights. */
  CANCEL,
  /** End with a checkpoint from which another attempt continues. */
  SUSPEND
}
