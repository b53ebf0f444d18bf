package io.trainyard.spec.training;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One phase of a training: a training of its own over the same weights.
 *
 * <p>Layers that it does not name are frozen: they run as at prediction, so dropout is off and
 * running statistics neither change nor come from the batch, as in Keras with {@code trainable =
 * False}. Only the penalties of its own layers count.
 *
 * @param name in progress, metrics and events
 * @param train layers, by name or by path into a nested model
 * @param output the layer that is trained; null: the target's, or the network's outputs
 * @param source what the output is compared with; null: the targets of the output
 * @param training with the members that it inherits
 * @param pointer its place in the body
 * @param inherited the members of the training around it that it uses
 */
public record Phase(
    String name,
    List<String> train,
    @Nullable String output,
    @Nullable Source source,
    TrainingSpec training,
    String pointer,
    Set<String> inherited) {
  private static final String PHASES = "/phases/";

  public Phase {
    train = List.copyOf(train);
    inherited = Set.copyOf(inherited);
  }

  /** What an output is compared with. */
  public sealed interface Source {
    /** A target of the model. */
    record Target(String name) implements Source {}

    /** An encoded input, as for an autoencoder. */
    record Input(String name) implements Source {}

    /** The output of another layer; no gradient flows into it. */
    record LayerOutput(String name) implements Source {}
  }

  /**
   * Where a member is in the body: in the phase, or around it when it is inherited.
   *
   * @param at a pointer below the phase or below the training; others stay
   */
  public String place(String at) {
    return place(pointer, inherited, at);
  }

  static String place(String phase, Set<String> inherited, String at) {
    String training = around(phase);
    boolean within = at.startsWith(phase + "/");
    if (!within && !at.startsWith(training + "/")) {
      return at;
    }
    String rest = at.substring((within ? phase : training).length());
    int end = rest.indexOf('/', 1);
    String member = rest.substring(1, end < 0 ? rest.length() : end);
    return (inherited.contains(member) ? training : phase) + rest;
  }

  /** The place of the training around a phase. */
  public static String around(String phase) {
    return phase.substring(0, phase.lastIndexOf(PHASES));
  }
}
