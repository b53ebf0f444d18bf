package io.trainyard.dataset.encoding;

/**
 * Which rows are left out that a reused encoding cannot encode. Others refuse the dataset.
 *
 * @param inputs those whose inputs it refuses
 * @param targets those without a value in a column of a target
 */
public record Tolerance(boolean inputs, boolean targets) {
  public static final Tolerance NONE = new Tolerance(false, false);
}
