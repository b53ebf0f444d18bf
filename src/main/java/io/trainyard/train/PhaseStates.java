package io.trainyard.train;

import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.HostTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What phases hand on: all weights of the network, each phase's optimizer and learning rate, and
 * the best weights so far. A checkpoint stores them under {@code phases/}.
 */
final class PhaseStates {
  private static final String WEIGHTS = "phases/weights/";
  private static final String BEST = "phases/best/";

  /** What a phase's state is called in the checkpoints of its own. */
  private static final List<String> KEPT = List.of("optimizer/", "learning_rate");

  private final Map<String, HostTensor> weights;
  private final List<Map<String, HostTensor>> byPhase = new ArrayList<>();
  private @Nullable Map<String, HostTensor> best;

  /**
   * @param weights of the whole network
   */
  PhaseStates(Map<String, HostTensor> weights, int phases) {
    this.weights = new TreeMap<>(weights);
    for (int i = 0; i < phases; i++) {
      byPhase.add(Map.of());
    }
  }

  /** Continues from a checkpoint within a phase, or between two. */
  static PhaseStates of(Checkpoint checkpoint, int phases) {
    Map<String, HostTensor> weights = new HashMap<>(checkpoint.tensors(WEIGHTS));
    // A visit that computes in float64 restores its weights itself.
    checkpoint
        .tensors("weights/")
        .forEach(
            (name, tensor) -> {
              if (tensor.type() == ElementType.FLOAT32) {
                weights.put(name, tensor);
              }
            });
    PhaseStates states = new PhaseStates(weights, phases);
    for (int i = 0; i < phases; i++) {
      states.byPhase.set(i, checkpoint.tensors(prefix(i)));
    }
    Map<String, HostTensor> stored = checkpoint.tensors(BEST);
    states.best = stored.isEmpty() ? null : stored;
    return states;
  }

  private static String prefix(int phase) {
    return "phases/" + phase + "/";
  }

  /** These weights of the network. */
  Map<String, HostTensor> weights(Set<String> names) {
    Map<String, HostTensor> some = new LinkedHashMap<>(weights);
    some.keySet().retainAll(names);
    return some;
  }

  /** The tensors of a checkpoint with which a phase begins. */
  Map<String, HostTensor> begin(int phase, Set<String> names, boolean withBest) {
    Map<String, HostTensor> tensors = new HashMap<>(byPhase.get(phase));
    Map<String, HostTensor> chosen = withBest && best != null ? best : weights;
    for (String name : names) {
      tensors.put("weights/" + name, weights.get(name));
      tensors.put("best/" + name, chosen.get(name));
    }
    return tensors;
  }

  /** Keeps what a phase ended with. */
  void end(int phase, Checkpoint ended, Map<String, HostTensor> newWeights) {
    Map<String, HostTensor> kept = new HashMap<>();
    ended
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (KEPT.stream().anyMatch(name::startsWith)) {
                kept.put(name, tensor);
              }
            });
    byPhase.set(phase, kept);
    weights.putAll(newWeights);
  }

  /** Keeps the weights that are best so far, with those of the layers that the phase lacks. */
  void keepBest(Map<String, HostTensor> published) {
    best = whole(published, true);
  }

  boolean hasBest() {
    return best != null;
  }

  /** Goes on with the best weights. */
  void takeBest() {
    if (best != null) {
      weights.putAll(best);
    }
  }

  /**
   * The weights of the whole network.
   *
   * @param published those of one phase's layers
   * @param current whether the others are the current ones; else those kept with the best
   */
  Map<String, HostTensor> whole(Map<String, HostTensor> published, boolean current) {
    Map<String, HostTensor> whole = new TreeMap<>(current || best == null ? weights : best);
    whole.putAll(published);
    return whole;
  }

  /** Adds what the checkpoint of a phase lacks. */
  Map<String, HostTensor> addTo(Map<String, HostTensor> tensors, int phase, Set<String> names) {
    Map<String, HostTensor> all = new HashMap<>(tensors);
    for (int i = 0; i < byPhase.size(); i++) {
      String prefix = prefix(i);
      if (i != phase) {
        byPhase.get(i).forEach((name, tensor) -> all.put(prefix + name, tensor));
      }
    }
    weights.forEach(
        (name, tensor) -> {
          if (!names.contains(name)) {
            all.put(WEIGHTS + name, tensor);
          }
        });
    if (best != null) {
      best.forEach((name, tensor) -> all.put(BEST + name, tensor));
    }
    return all;
  }
}
