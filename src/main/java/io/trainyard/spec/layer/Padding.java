package io.trainyard.spec.layer;

import java.util.List;

/** What is put around the elements a window slides over. */
public sealed interface Padding {
  /** Nothing. */
  record Valid() implements Padding {}

  /**
   * As much as makes the output ⌈n/stride⌉ long: half of it, rounded down, before and the rest
   * after. Source: TensorFlow's SAME.
   */
  record Same() implements Padding {}

  /** All of it before, so that no output sees what comes after it. */
  record Causal() implements Padding {}

  /** So much before and after, by axis. */
  record Explicit(List<Integer> before, List<Integer> after) implements Padding {
    public Explicit {
      before = List.copyOf(before);
      after = List.copyOf(after);
    }
  }
}
