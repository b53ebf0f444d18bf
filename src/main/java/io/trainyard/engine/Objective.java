package io.trainyard.engine;

import io.trainyard.spec.TargetSpec;
import io.trainyard.spec.training.LossSpec;

/**
 * One loss: an output held against a target.
 *
 * @param target the target's name
 * @param source where its values come from: the part's targets, an input, or a layer's output taken
 *     as a constant
 * @param weight its share in the sum of losses
 */
public record Objective(
    String target, TargetSpec.Source source, String output, LossSpec loss, double weight) {}
