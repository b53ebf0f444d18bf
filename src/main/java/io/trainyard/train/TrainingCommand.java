package io.trainyard.train;

/** What training should do next; asked before every batch. */
public enum TrainingCommand {
  CONTINUE,
  /** Finish now and give the weights that would be published. */
  STOP,
  /** Give up; nothing is wanted. */
  CANCEL,
  /** Give up this attempt and hand over a checkpoint from which another goes on. */
  SUSPEND
}
