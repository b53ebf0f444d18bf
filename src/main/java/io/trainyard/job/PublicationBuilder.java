package io.trainyard.job;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.DatasetVersion;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.TableFacts;
import io.trainyard.dataset.encoding.TargetEncoding;
import io.trainyard.error.Violations;
import io.trainyard.job.check.JobRequest;
import io.trainyard.job.check.OnSuccess;
import io.trainyard.job.check.RawTargets;
import io.trainyard.model.NestedModels;
import io.trainyard.model.NewVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.WeightStore;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.NetworkMembers;
import io.trainyard.spec.NetworkShapes;
import io.trainyard.spec.ShapeInference;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.phase.PhaseModel;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.Scores;
import io.trainyard.spec.training.TrainingSpec;
import io.trainyard.train.EnsembleMember;
import io.trainyard.train.TrainingOutcome;
import io.trainyard.train.metric.Evaluation;
import io.trainyard.train.metric.MeasuredForm;
import io.trainyard.train.metric.MeasuredValues;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes a version of what a training finished with; its weights are then on disk. */
@Component
record PublicationBuilder(
    WeightStore weights, NestedModels nested, TrainingRunner engine, Outages outages) {
  /** The inputs of a training, as resolved at submission. */
  record Source(
      Job job,
      JobRequest request,
      TrainingSpec training,
      DatasetSelection selection,
      DatasetVersion dataset) {
    TrainingTask task() {
      return (TrainingTask) job.task();
    }

    long seed() {
      return training.seed().orElseThrow();
    }
  }

  /**
   * Makes a version.
   *
   * @param trials the model objects of a sweep's trials, of which an ensemble is made; empty for
   *     other trainings
   */
  Attempts.Publication of(
      Source source,
      Encoding encoding,
      TrainingOutcome.Finished finished,
      Map<Integer, JsonNode> trials) {
    MeasuredValues measured = new MeasuredValues();
    if (finished.best() != null) {
      measured.values().putAll(finished.best().values());
      measured.notes().putAll(finished.best().notes());
    }
    measured.putAll(finished.testValues());
    TrainingTask task = source.task();
    JsonNode spec = spec(task.spec(), finished, trials);
    var version =
        new NewVersion(
            task.model(),
            spec,
            published(encoding, SpecReader.model(task.spec()), source.training())
                .published(finished.decisions(), finished.certainty())
                .toJson(),
            metrics(measured, finished),
            provenance(source, encoding, finished),
            // Repeated here: the caller would train again.
            outages.retryWhileDown(() -> weights.store(finished.weights())),
            nested.needs(spec));
    String evaluation = finished.evaluation().toJson().toString();
    OnSuccess onSuccess = source.request().onSuccess();
    return onSuccess == null
        ? new Attempts.Publication(
            version,
            evaluation,
            null,
            null,
            finished.learningRates(),
            finished.baseline(),
            finished.forms())
        : new Attempts.Publication(
            version,
            evaluation,
            onSuccess.alias(),
            onSuccess.objection(measured).orElse(null),
            finished.learningRates(),
            finished.baseline(),
            finished.forms());
  }

  /** The model object of the version; that of an ensemble says how many members it has. */
  private static JsonNode spec(
      JsonNode ofMember, TrainingOutcome.Finished finished, Map<Integer, JsonNode> trials) {
    int members = finished.members().size();
    TrainingOutcome.SweepEnsemble ensemble = finished.ensemble();
    if (members < 2) {
      return ofMember;
    }
    if (ensemble == null) {
      return withMembers(ofMember, JsonNodeFactory.instance.numberNode(members));
    }
    List<JsonNode> specs =
        ensemble.choice().trials().stream()
            .map(trial -> Objects.requireNonNull(trials.get(trial.trial())))
            .toList();
    int folds = members / specs.size();
    if (specs.size() == 1) {
      return withMembers(specs.getFirst(), JsonNodeFactory.instance.numberNode(folds));
    }
    ArrayNode groups = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < specs.size(); i++) {
      ObjectNode group = groups.addObject();
      group.put("count", folds).put("weight", ensemble.counts().get(i));
      JsonNode network = specs.get(i).path("network");
      if (i > 0) {
        group.set("layers", network.get("layers"));
        if (network.has("data_format")) {
          group.set("data_format", network.get("data_format"));
        }
      }
    }
    return withMembers(specs.getFirst(), groups);
  }

  private static JsonNode withMembers(JsonNode ofMember, JsonNode members) {
    JsonNode spec = ofMember.deepCopy();
    ((ObjectNode) spec.get("network")).set(NetworkMembers.NAME, members);
    return spec;
  }

  /** The encoding with what its outputs mean. */
  static Encoding published(Encoding encoding, ModelSpec model, TrainingSpec training) {
    NetworkShapes shapes =
        ShapeInference.infer(model.network(), encoding.inputShapes(), "", new Violations());
    return RawTargets.mark(withMeaning(encoding, model, training), model, training, shapes);
  }

  /** Keeps what each class's output means, as its loss says. */
  private static Encoding withMeaning(Encoding encoding, ModelSpec model, TrainingSpec training) {
    Map<String, Scores> scores = new LinkedHashMap<>();
    encoding
        .targets()
        .forEach(
            (name, target) -> {
              LossSpec loss = loss(name, target.output(), model, training);
              ActivationSpec last = model.network().computing(target.output()).spec().activation();
              if (loss != null && target instanceof TargetEncoding.ClassTarget) {
                scores.put(name, Scores.of(loss, true, last.function()));
              }
            });
    return encoding.meaning(scores);
  }

  /** The loss that trained an output last; null when none did. */
  private static @Nullable LossSpec loss(
      String target, String output, ModelSpec model, TrainingSpec training) {
    LossSpec loss = null;
    for (PhaseModel phase : PhaseModel.all(model, training)) {
      boolean trains =
          phase.model().targets().containsKey(target)
              && output.equals(phase.model().outputOf(target));
      loss = trains ? phase.training().losses().of(target, output) : loss;
    }
    return loss;
  }

  private Provenance provenance(
      Source source, Encoding encoding, TrainingOutcome.Finished finished) {
    return new Provenance.Trained(
        source.job().id(),
        source.dataset().reference(),
        source.dataset().sha256(),
        source.seed(),
        finished.device(),
        finished.threads(),
        engine.libraries(),
        source.task().request().get("training"),
        finished.members().stream().map(member -> member(member, finished)).toList(),
        finished.ensemble() == null ? null : finished.ensemble().choice(),
        TableFacts.of(source.dataset(), encoding));
  }

  private static Provenance.Member member(
      EnsembleMember member, TrainingOutcome.Finished finished) {
    int all = finished.members().stream().mapToInt(EnsembleMember::weight).sum();
    boolean ofSweep = member.trial() > 0;
    return new Provenance.Member(
        member.fold() == 0 ? null : member.fold(),
        member.seed(),
        member.trainingRows(),
        member.validationRows(),
        member.epochs(),
        member.best().epoch(),
        member.reason().code(),
        member.best().valuesToJson(),
        ofSweep ? member.trial() : null,
        ofSweep ? (double) member.weight() / all : null);
  }

  /** The stored metrics of a version. */
  private static ObjectNode metrics(MeasuredValues measured, TrainingOutcome.Finished finished) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    measured.putInto(json, json);
    if (!json.has(MeasuredForm.MEMBER)) {
      json.set(MeasuredForm.MEMBER, MeasuredForm.toJson(finished.forms().published()));
    }
    Evaluation evaluation = finished.evaluation();
    if (!evaluation.classes().isEmpty()) {
      ObjectNode matrices = json.putObject("confusion");
      evaluation
          .classes()
          .forEach((target, report) -> matrices.set(target, report.confusion().toJson()));
    }
    return json;
  }
}
