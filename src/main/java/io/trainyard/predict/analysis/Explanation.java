package io.trainyard.predict.analysis;

import org.jspecify.annotations.Nullable;

/**
 * Integrated gradients.
 *
 * @param baseline null: {@code mean} for a model of columns, else {@code zeros}
 * @param target the target to explain; null: the only one
 * @param ofClass the class, or the column of a target of several; null: the predicted class
 */
public record Explanation(
    int steps,
    @Nullable BaselineKind baseline,
    @Nullable String target,
    @Nullable String ofClass) {}
