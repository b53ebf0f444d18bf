package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.Engine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.spec.NetworkMembers;
import io.trainyard.spec.NetworkMembers.CountedNetwork;
import io.trainyard.spec.training.Ensemble;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.diagnosis.NonFiniteLossException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Trains the members of an ensemble one after the other, and measures what they answer together.
 * Each is trained as a job of its own would be. A checkpoint has the weights of those that are
 * finished, which are not trained again.
 */
final class EnsembleTraining {
  /** Before the number of a finished member and its weights. */
  private static final String MEMBERS = NetworkMembers.NAME + "/";

  private final Trainer trainer;
  private final Engine engine;
  private final EnsemblePlan plan;
  private final TrainingListener listener;
  private final int threads;
  private final List<EnsembleMember> finished = new ArrayList<>();

  /** By number and name: {@code 0/fc1.weight}. */
  private final Map<String, HostTensor> weights = new LinkedHashMap<>();

  /** Whether a checkpoint of this training is inside the current member. */
  private boolean isInside;

  /** The training time of the finished members. */
  private double seconds;

  EnsembleTraining(
      Trainer trainer,
      Engine engine,
      EnsemblePlan plan,
      TrainingListener listener,
      @Nullable Checkpoint resume) {
    this.trainer = trainer;
    this.engine = engine;
    this.plan = plan;
    this.listener = listener;
    threads = trainer.threadsFor(plan.sized(), resume);
    if (resume != null) {
      finished.addAll(resume.position().members());
      weights.putAll(resume.tensors(MEMBERS));
      seconds = resume.position().elapsedSeconds();
    }
  }

  TrainingOutcome run(@Nullable Checkpoint resume) {
    Checkpoint own = resume == null ? null : current(resume);
    isInside = own != null;
    while (finished.size() < plan.ensemble().members()) {
      TrainingOutcome outcome = train(own);
      own = null;
      switch (outcome) {
        case TrainingOutcome.Finished member -> {
          if (ends(member.reason())) {
            return measured(member.reason());
          }
          isInside = false;
          if (listener.wantsCheckpoints()) {
            listener.checkpoint(between());
          }
        }
        case TrainingOutcome.Suspended(Checkpoint at) -> {
          return new TrainingOutcome.Suspended(at == null ? lastCheckpoint() : with(at));
        }
        case TrainingOutcome.Cancelled cancelled -> {
          // A stopped training may be suspended by now.
          boolean stopped = listener.command() != TrainingCommand.CANCEL && !finished.isEmpty();
          return stopped ? measured(StopReason.STOPPED) : cancelled;
        }
        case TrainingOutcome.OutOfTime late -> {
          return finished.isEmpty() ? late : measured(StopReason.TIME_LIMIT);
        }
        case TrainingOutcome.Searched searched -> {
          return searched;
        }
      }
    }
    return measured(finished.getLast().reason());
  }

  /** Whether the members after one that ended so are not trained. */
  private static boolean ends(StopReason reason) {
    return reason == StopReason.STOPPED || reason == StopReason.TIME_LIMIT;
  }

  private TrainingOutcome train(@Nullable Checkpoint resume) {
    int member = finished.size();
    Ensemble ensemble = plan.ensemble();
    MemberListener own = MemberListener.of(listener, finished, ensemble.members(), this::inside);
    try (PreparedData data = plan.rows().apply(member)) {
      TrainingPlan ofMember = plan.of(member, data);
      TrainingOutcome outcome = trainer.train(ofMember, data, resume, own, threads, seconds);
      if (outcome instanceof TrainingOutcome.Finished ended) {
        seconds = ended.seconds();
        ended.weights().forEach((name, tensor) -> weights.put(member + "/" + name, tensor));
        finished.add(
            new EnsembleMember(
                ensemble.hasFolds() ? member + 1 : 0,
                ofMember.seed(),
                data.training().rows(),
                data.validation().rows(),
                ended.epochs(),
                ended.reason(),
                Objects.requireNonNull(ended.best(), "a finished member has an epoch"),
                Objects.requireNonNull(ended.last(), "a finished member has an epoch")));
      }
      return outcome;
    } catch (NonFiniteLossException e) {
      throw e.inMember(member, own.before());
    }
  }

  // Checkpoints

  /** Where the current member continues; null: at its start. */
  private static @Nullable Checkpoint current(Checkpoint resume) {
    Map<String, HostTensor> own = new LinkedHashMap<>();
    resume
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (!name.startsWith(MEMBERS)) {
                own.put(name, tensor);
              }
            });
    return own.isEmpty() ? null : new Checkpoint(resume.position().after(List.of()), own);
  }

  /** A member's checkpoint with the finished members. */
  private Checkpoint with(Checkpoint own) {
    Map<String, HostTensor> all = new LinkedHashMap<>(own.tensors());
    weights.forEach((name, tensor) -> all.put(MEMBERS + name, tensor));
    return new Checkpoint(own.position().after(finished), all);
  }

  /** A checkpoint that the current member makes before its end. */
  private Checkpoint inside(Checkpoint own) {
    isInside = true;
    return with(own);
  }

  /**
   * The last checkpoint, where a member ends without one. Null: it is stored. The one before the
   * member is given again, since storing it may have failed.
   */
  private @Nullable Checkpoint lastCheckpoint() {
    return isInside ? null : between();
  }

  /** The state between two members. */
  private Checkpoint between() {
    return with(
        new Checkpoint(
            new Checkpoint.Position(0, 0, threads, seconds, null, null, 0, null, List.of(), null),
            Map.of()));
  }

  // The ensemble

  private TrainingOutcome measured(StopReason reason) {
    try {
      EnsembleMeasurement measurement = measurement();
      OutOfFold folds = plan.ensemble().hasFolds() ? outOfFold(measurement) : null;
      return measurement.of(reason, seconds, folds);
    } catch (CancellationException e) {
      return listener.command() == TrainingCommand.CANCEL
          ? new TrainingOutcome.Cancelled()
          : new TrainingOutcome.Suspended(between());
    }
  }

  private EnsembleMeasurement measurement() {
    List<Map<String, HostTensor>> own =
        IntStream.range(0, finished.size())
            .mapToObj(member -> HostTensor.below(member + "/", weights))
            .toList();
    return new EnsembleMeasurement(
        engine,
        listener,
        threads,
        plan.plan().with(plan.plan().training().onRows(plan.whole().training().rows())),
        plan.whole(),
        CountedNetwork.copies(plan.plan().network(), finished.size(), 1),
        finished,
        own);
  }

  /** What each member says of its fold. */
  private OutOfFold outOfFold(EnsembleMeasurement measurement) {
    TrainingPlan together = measurement.together();
    OutOfFold folds = new OutOfFold(together.objectives());
    for (int member = 0; member < finished.size(); member++) {
      Map<String, HostTensor> own = HostTensor.below(member + "/", weights);
      try (PreparedData data = plan.rows().apply(member)) {
        TrainingPlan one = plan.of(member, data).with(together.training()).from(own);
        measurement.run(() -> measurement.add(folds, one, data));
      }
    }
    return folds;
  }
}
