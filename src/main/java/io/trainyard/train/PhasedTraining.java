package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.Engine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.phase.PhaseModel;
import io.trainyard.spec.training.Certainty;
import io.trainyard.spec.training.Phase;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.spec.training.TrainingSpec.Publish;
import io.trainyard.spec.weights.WeightSpec;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.Checkpoint.Place;
import io.trainyard.train.Checkpoint.Position;
import io.trainyard.train.EpochRun.Ending;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A training in phases. Each visit of a phase is a training of its own: a session over the layers
 * that the phase needs, which begins as from a checkpoint. Between visits the weights are host
 * tensors of 32 bits, as they would be between two jobs.
 *
 * <p>Optimizers and learning rates go on where the phase's last visit ended; rules that stop a
 * visit start again. The best weights are those of the best epoch of all, where the phases' epochs
 * can be compared, else of the best epoch in any visit of the final phase. They are always the
 * whole network's, as it was after that epoch.
 */
final class PhasedTraining {
  private final Engine engine;
  private final TrainingPlan plan;
  private final List<TrainingPlan> phases;
  private final List<String> names;
  private final List<PreparedData> data = new ArrayList<>();
  private final List<Set<String>> weightNames = new ArrayList<>();
  private final long[] stepsPerEpoch;
  private final int repeats;
  private final boolean choosesBest;

  /** Why only the final phase has the best epoch; null when any phase may. */
  private final @Nullable String onlyFinal;

  private final Trainer.Attempt attempt;
  private Position position;
  private Place place;
  private PhaseStates states;

  /** The phase of the last epoch that ended. */
  private int lastPhase;

  PhasedTraining(Engine engine, TrainingPlan plan, PreparedData all, Trainer.Attempt attempt) {
    this.engine = engine;
    this.plan = plan;
    this.attempt = attempt;
    List<TrainingPlan> given = plans(plan);
    names = plan.training().phases().list().stream().map(Phase::name).toList();
    choosesBest = given.getLast().training().publishes(all.validation().rows() > 0) == Publish.BEST;
    onlyFinal = BestAcrossPhases.obstacle(given, names);
    List<TrainingPlan> chosen =
        choosesBest && onlyFinal == null ? BestAcrossPhases.choosingAsTheLast(given) : given;
    // Whichever phase made the weights that are published, its version says how sure it is.
    Certainty certainty = plan.training().certainty();
    phases = chosen.stream().map(each -> each.with(each.training().saying(certainty))).toList();
    repeats = plan.training().phases().repeats();
    stepsPerEpoch = new long[phases.size()];
    for (int i = 0; i < phases.size(); i++) {
      TrainingPlan phase = phases.get(i);
      data.add(all.encodedBy(all.encoding().of(phase.targets())));
      Set<String> own = new HashSet<>();
      phase.shapes().weights().forEach(weight -> own.add(weight.name()));
      weightNames.add(own);
      int batch = phase.training().batchSize();
      stepsPerEpoch[i] = ((long) all.training().rows() + batch - 1) / batch;
    }
    place = new Place(0, 1, 0, Collections.nCopies(phases.size(), 0), null);
    position = new Position(0, 0, attempt.threads(), 0, null, null, 0, null, List.of(), place);
    states = new PhaseStates(Map.of(), phases.size());
  }

  /** The plan of each phase, without weights; the plan itself without phases. */
  static List<TrainingPlan> plans(TrainingPlan plan) {
    if (plan.training().phases().isEmpty()) {
      return List.of(plan);
    }
    ModelSpec model = new ModelSpec("", Map.of(), plan.targets(), plan.network());
    return PhaseModel.all(model, plan.training()).stream()
        .map(
            phase ->
                new TrainingPlan(
                    phase.model().network(),
                    plan.shapes().of(phase.model().network()),
                    phase.model().targets(),
                    phase.training(),
                    plan.seed(),
                    Map.of(),
                    plan.threads(),
                    plan.device()))
        .toList();
  }

  TrainingOutcome run(@Nullable Checkpoint resume) {
    if (choosesBest && phases.size() > 1) {
      attempt
          .listener()
          .note(
              false,
              onlyFinal == null
                  ? "The best epoch is chosen among all epochs: every phase has the same output,"
                      + " target and loss"
                  : "The best epoch is chosen among those of the final phase '%s': %s"
                      .formatted(names.getLast(), onlyFinal));
    }
    Checkpoint start = resume;
    if (resume == null) {
      states = new PhaseStates(initialWeights(), phases.size());
    } else {
      position = resume.position();
      place = Objects.requireNonNull(position.place());
      states = PhaseStates.of(resume, phases.size());
    }
    lastPhase = Math.floorMod(place.phase() - 1, phases.size());
    while (true) {
      int phase = place.phase();
      Ending.@Nullable Reached over;
      try (TrainingSession session = session(phase);
          TrainingLoop loop = loop(session, phase, start)) {
        Ending ending = loop.train();
        boolean isOver = isOver(ending);
        if (!(ending instanceof Ending.Reached reached) || (isOver && measuresHere(loop, phase))) {
          return whole(loop.finish(ending), phase);
        }
        end(loop, session, phase);
        over = isOver ? reached : null;
      }
      if (over != null) {
        return finishElsewhere(over);
      }
      start = begin(place.phase());
    }
  }

  /** Weights as a whole training draws them; those that a perceptron trains first begin at 0. */
  private Map<String, HostTensor> initialWeights() {
    Set<String> zero = new HashSet<>();
    Set<String> seen = new HashSet<>();
    for (TrainingPlan phase : phases) {
      phase.network().layers().stream()
          .filter(layer -> layer.trainable() && seen.add(layer.name()))
          .filter(layer -> phase.training().optimizer().learnsFromErrors())
          .forEach(layer -> zero.add(layer.name()));
    }
    List<WeightSpec> specs = new ArrayList<>();
    plan.shapes()
        .layers()
        .forEach(
            (name, layer) ->
                layer
                    .weights()
                    .forEach(
                        weight ->
                            specs.add(zero.contains(name) ? weight.startingAtZero() : weight)));
    Map<String, HostTensor> weights = new HashMap<>(engine.initialWeights(specs, plan.seed()));
    weights.putAll(plan.initialWeights());
    return weights;
  }

  private TrainingSession session(int phase) {
    return engine.session(phases.get(phase).from(states.weights(weightNames.get(phase))));
  }

  private TrainingLoop loop(TrainingSession session, int phase, @Nullable Checkpoint start) {
    return TrainingLoop.of(
        session,
        phases.get(phase),
        data.get(phase),
        start,
        epochRun(),
        new Trainer.Attempt(
            attempt.threads(),
            new CompletingListener(
                attempt.listener(), false, checkpoint -> whole(checkpoint, phase)),
            attempt.pace(),
            attempt.learningRate()));
  }

  private EpochRun epochRun() {
    int current = place.phase();
    int epochs = 0;
    long steps = 0;
    int epochsAhead = 0;
    long stepsAhead = 0;
    long stepsBefore = 0;
    for (int i = 0; i < phases.size(); i++) {
      int own = phases.get(i).training().epochs();
      epochs += own;
      steps += own * stepsPerEpoch[i];
      if (i < current) {
        stepsBefore += own * stepsPerEpoch[i];
      } else if (i > current) {
        epochsAhead += own;
        stepsAhead += own * stepsPerEpoch[i];
      }
    }
    int repeatsAhead = repeats - place.repeat();
    TrainingSpec training = phases.get(current).training();
    return new EpochRun(
        names.get(current),
        current,
        place.before(),
        place.trained().get(current),
        training.epochs(),
        training.scheduledEpochs(),
        epochsAhead + repeatsAhead * epochs,
        stepsBefore + (place.repeat() - 1) * steps,
        stepsAhead + repeatsAhead * steps);
  }

  private boolean isFinal(int phase) {
    return phase == phases.size() - 1;
  }

  /** Whether an epoch of this phase may be the best. */
  private boolean mayHaveBest(int phase) {
    return choosesBest && (onlyFinal == null || isFinal(phase));
  }

  /** Whether the training ends, not only this visit. */
  private boolean isOver(Ending ending) {
    if (!(ending instanceof Ending.Reached(StopReason reason))) {
      return true;
    }
    boolean last = isFinal(place.phase()) && place.repeat() == repeats;
    return last || reason == StopReason.STOPPED || reason == StopReason.TIME_LIMIT;
  }

  /**
   * Whether this visit has the weights to publish. Those of an earlier one belong to layers that
   * are frozen here and have changed since.
   */
  private boolean measuresHere(TrainingLoop loop, int phase) {
    boolean hasEpochs = loop.finishedEpochs() > place.before();
    return states.hasBest()
        ? mayHaveBest(phase) && isOfThisVisit(loop.checkpoint().position().best())
        : hasEpochs;
  }

  /** Ends a visit, and moves to the next. */
  private void end(TrainingLoop loop, TrainingSession session, int phase) {
    Checkpoint ended = loop.checkpoint();
    position = ended.position();
    int own = position.epochs() - place.before();
    if (own > 0) {
      states.end(phase, ended, session.lastWeights());
      lastPhase = phase;
    }
    EpochRecord best = place.best();
    if (mayHaveBest(phase) && isOfThisVisit(position.best())) {
      states.keepBest(session.publishedWeights());
      best = position.best();
    }
    List<Integer> trained = new ArrayList<>(place.trained());
    trained.set(phase, trained.get(phase) + own);
    place =
        isFinal(phase)
            ? new Place(0, place.repeat() + 1, position.epochs(), trained, best)
            : new Place(phase + 1, place.repeat(), position.epochs(), trained, best);
  }

  private boolean isOfThisVisit(@Nullable EpochRecord best) {
    return best != null && best.epoch() > place.before();
  }

  /** The checkpoint with which the next visit begins. */
  private Checkpoint begin(int phase) {
    return begin(phase, mayHaveBest(phase) ? place.best() : position.lastValues());
  }

  private Checkpoint begin(int phase, @Nullable EpochRecord best) {
    return new Checkpoint(
        new Position(
            position.epochs(),
            position.optimizerSteps(),
            position.threads(),
            attempt.pace().totalSeconds(),
            best,
            position.lastValues(),
            0,
            null,
            List.of(),
            place),
        states.begin(phase, weightNames.get(phase), mayHaveBest(phase)));
  }

  /** Measures the best weights, or those of the last epoch, with the phase that made them. */
  private TrainingOutcome finishElsewhere(Ending.Reached ending) {
    boolean best = states.hasBest();
    int phase = best ? phases.size() - 1 : lastPhase;
    states.takeBest();
    Checkpoint start = begin(phase, best ? place.best() : position.lastValues());
    try (TrainingSession session = session(phase);
        TrainingLoop loop = loop(session, phase, start)) {
      return whole(loop.finish(ending), phase);
    }
  }

  /** The outcome of a phase, for the whole network. */
  private TrainingOutcome whole(TrainingOutcome outcome, int phase) {
    return switch (outcome) {
      case TrainingOutcome.Finished finished ->
          finished.withWeights(
              states.whole(
                  finished.weights(), !states.hasBest() || isOfThisVisit(finished.best())));
      case TrainingOutcome.Searched _ ->
          throw new IllegalStateException("a training in phases has no range test");
      case TrainingOutcome.Suspended(Checkpoint checkpoint) ->
          new TrainingOutcome.Suspended(checkpoint == null ? null : whole(checkpoint, phase));
      case TrainingOutcome.Cancelled cancelled -> cancelled;
      case TrainingOutcome.OutOfTime early -> early;
    };
  }

  private Checkpoint whole(Checkpoint checkpoint, int phase) {
    return new Checkpoint(
        checkpoint.position().at(place),
        states.addTo(checkpoint.tensors(), phase, weightNames.get(phase)));
  }
}
