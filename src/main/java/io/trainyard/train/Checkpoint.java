package io.trainyard.train;

import io.trainyard.tensor.HostTensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state from which a training continues and ends with the same bits. It has no random state:
 * everything random is a function of seed, phase, epoch and step.
 *
 * @param tensors weights ({@code weights/…}), optimizer state ({@code optimizer/…}) and the best
 *     weights so far ({@code best/…}); within an epoch, the sums of its steps ({@code epoch/…});
 *     what the other phases left ({@code phases/…}); of a result, its weights alone ({@code
 *     result/…})
 */
public record Checkpoint(Position position, Map<String, HostTensor> tensors) {
  static final String WEIGHTS = "weights/";
  static final String BEST = "best/";
  private static final String RESULT = "result/";

  public Checkpoint {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /**
   * Where another training begins that goes on from the end of this one.
   *
   * @param comparable whether its epochs can be compared with the best of this one
   * @param ruleEnded whether a rule ended this one; such rules then begin again
   */
  public Checkpoint continued(boolean comparable, boolean ruleEnded) {
    Map<String, HostTensor> kept = new LinkedHashMap<>(RangeScan.without(tensors));
    if (ruleEnded || !comparable) {
      kept.remove(StoppingState.NAME);
    }
    if (!comparable) {
      tensors(WEIGHTS).forEach((name, tensor) -> kept.put(BEST + name, tensor));
    }
    return new Checkpoint(
        new Position(
            position.epochs(),
            position.optimizerSteps(),
            position.threads(),
            0,
            comparable ? position.best() : null,
            comparable ? position.lastValues() : null,
            ruleEnded || !comparable ? 0 : position.stale(),
            comparable ? position.stoppingBest() : null,
            position.notes(),
            null,
            List.of()),
        kept);
  }

  /** The weights that a member of an ensemble ended with; no training goes on from it. */
  public static Checkpoint ofResult(EnsembleMember member, Map<String, HostTensor> weights) {
    Map<String, HostTensor> named = new LinkedHashMap<>();
    weights.forEach((name, tensor) -> named.put(RESULT + name, tensor));
    return new Checkpoint(
        new Position(
            member.epochs(), 0, 1, 0, null, null, 0, null, List.of(), null, List.of(member)),
        named);
  }

  /** Whether it is the result of a training, and no state to go on from. */
  public boolean isResult() {
    return !tensors.isEmpty()
        && tensors.keySet().stream().allMatch(name -> name.startsWith(RESULT));
  }

  /** The weights of a result, by stored name. */
  public Map<String, HostTensor> result() {
    return tensors(RESULT);
  }

  /** The bytes of all tensors. */
  public long bytes() {
    return tensors.values().stream().mapToLong(tensor -> tensor.data().byteSize()).sum();
  }

  /** The tensors with this prefix, by their names without it. */
  Map<String, HostTensor> tensors(String prefix) {
    return HostTensor.below(prefix, tensors);
  }

  /**
   * A place among the phases.
   *
   * @param phase from 0
   * @param repeat from 1
   * @param before epochs that ended before this visit of the phase
   * @param trained by phase, its epochs in earlier visits
   * @param best the best epoch's record of the earlier visits that may have it; null without one
   */
  public record Place(
      int phase, int repeat, int before, List<Integer> trained, @Nullable EpochRecord best) {
    public Place {
      trained = List.copyOf(trained);
    }
  }

  /**
   * Everything except the tensors; stored as JSON.
   *
   * @param epochs finished epochs
   * @param optimizerSteps steps of the optimizer so far
   * @param threads intra-op threads; a resumed training needs the same, as the bits depend on it
   * @param elapsedSeconds training time of all attempts so far
   * @param best the best epoch's record, null before the first
   * @param lastValues the last epoch's record; null before the first
   * @param stale epochs since the early-stopping value last improved
   * @param stoppingBest the best early-stopping value so far, or null
   * @param place among the phases; null without phases
   * @param members of an ensemble that are finished; the rest is of the next one
   */
  public record Position(
      int epochs,
      long optimizerSteps,
      int threads,
      double elapsedSeconds,
      @Nullable EpochRecord best,
      @Nullable EpochRecord lastValues,
      int stale,
      @Nullable Double stoppingBest,
      List<String> notes,
      @Nullable Place place,
      List<EnsembleMember> members) {
    public Position {
      notes = List.copyOf(notes);
      members = List.copyOf(members);
    }

    /** Of a training without an ensemble. */
    public Position(
        int epochs,
        long optimizerSteps,
        int threads,
        double elapsedSeconds,
        @Nullable EpochRecord best,
        @Nullable EpochRecord lastValues,
        int stale,
        @Nullable Double stoppingBest,
        List<String> notes,
        @Nullable Place place) {
      this(
          epochs,
          optimizerSteps,
          threads,
          elapsedSeconds,
          best,
          lastValues,
          stale,
          stoppingBest,
          notes,
          place,
          List.of());
    }

    /** The same among the members of an ensemble, whose epochs count before those of this one. */
    Position after(List<EnsembleMember> finished) {
      return new Position(
          epochs,
          optimizerSteps,
          threads,
          elapsedSeconds,
          best,
          lastValues,
          stale,
          stoppingBest,
          notes,
          place,
          finished);
    }

    Position at(Place newPlace) {
      return new Position(
          epochs,
          optimizerSteps,
          threads,
          elapsedSeconds,
          best,
          lastValues,
          stale,
          stoppingBest,
          notes,
          newPlace,
          members);
    }
  }
}
