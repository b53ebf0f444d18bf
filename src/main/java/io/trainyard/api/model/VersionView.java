package io.trainyard.api.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.Violations;
import io.trainyard.model.DefaultVersion;
import io.trainyard.model.EnsembleChoice;
import io.trainyard.model.ForeignAnswers;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Provenance;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.check.SpecCheck;
import io.trainyard.spec.Signature;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.SpecReader.ReadModel;
import io.trainyard.spec.check.Warning;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A version as callers see it.
 *
 * @param quarantine why requests for it are refused, though nobody unloaded it; left out otherwise
 * @param decisions how targets of two classes are decided; left out without such targets
 * @param modelVersionStatus whether it answers, where one version is read; else null
 * @param warnings of the check, in the answer to the request that imports it, and what of its file
 *     is lost or may surprise; null without any
 */
public record VersionView(
    String model,
    int version,
    JsonNode spec,
    @Nullable JsonNode encoding,
    SignatureView signature,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, DecisionView> decisions,
    JsonNode metrics,
    ProvenanceView provenance,
    long bytes,
    List<String> aliases,
    String owner,
    @Nullable String description,
    Map<String, String> tags,
    boolean archived,
    Instant createdAt,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String quarantine,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> assumedClasses,
    @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable List<ModelVersionStatus> modelVersionStatus,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Warning> warnings) {
  private static final long OWN_BYTES = 1_000;

  /**
   * A version as it is.
   *
   * @param status whether it answers; null where several are read
   */
  static VersionView of(
      ModelVersion version, @Nullable String quarantine, @Nullable ModelVersionStatus status) {
    List<Warning> warnings = ForeignAnswers.warnings(version);
    return of(version, quarantine, status, warnings.isEmpty() ? logitsAsBefore(version) : warnings);
  }

  /** What a version says whose answers would be others if it were published today. */
  private static @Nullable List<Warning> logitsAsBefore(ModelVersion version) {
    JsonNode encoding = version.encoding();
    if (encoding == null || !(version.provenance() instanceof Provenance.Trained)) {
      return null;
    }
    List<Warning> warnings =
        encoding.path("targets").properties().stream()
            .filter(target -> target.getValue().path("logits").booleanValue(false))
            .map(
                target ->
                    new Warning(
                        "/encoding/targets/" + target.getKey() + "/logits",
                        "logits_as_before",
                        "This version takes the output of '%s' for logits, as when it was published, and keeps its answers. Today hinge and the linear output of an expression are no logits: train again if it has one of them"
                            .formatted(target.getKey())))
            .toList();
    return warnings.isEmpty() ? null : warnings;
  }

  /**
   * The answer to the request that imports a version.
   *
   * @param serving what the model answers from
   */
  public static VersionView ofImported(ModelVersion version, DefaultVersion serving) {
    Violations none = new Violations();
    ReadModel spec = SpecReader.readable(version.spec(), "/spec", none);
    List<Warning> warnings = new ArrayList<>(ForeignAnswers.warnings(version));
    warnings.addAll(
        SpecCheck.of(spec, "/spec", version.learnedEncoding(), null, null, none).warnings());
    serving.warning("", version.model(), version.version()).ifPresent(warnings::add);
    return of(version, null, null, warnings);
  }

  private static VersionView of(
      ModelVersion version,
      @Nullable String quarantine,
      @Nullable ModelVersionStatus status,
      @Nullable List<Warning> warnings) {
    VersionDefinition definition = VersionDefinition.of(version);
    return new VersionView(
        version.model(),
        version.version(),
        version.spec(),
        version.encoding(),
        SignatureView.of(definition),
        decisions(version),
        version.metrics(),
        ProvenanceView.of(version.provenance()),
        version.weights().bytes(),
        version.aliases(),
        version.labels().shownOwner(),
        version.labels().description(),
        version.labels().tags(),
        version.labels().archived(),
        version.createdAt(),
        quarantine,
        definition.assumedClasses(),
        status == null ? null : List.of(status),
        warnings);
  }

  private static Map<String, DecisionView> decisions(ModelVersion version) {
    Map<String, DecisionView> views = new LinkedHashMap<>();
    Encoding encoding = version.learnedEncoding();
    if (encoding != null) {
      encoding
          .decisions()
          .forEach(
              (target, rule) ->
                  views.put(
                      target, new DecisionView(rule.positive(), rule.threshold(), rule.best())));
    }
    return views;
  }

  /**
   * How a target of two classes is decided.
   *
   * @param best the metric that chose the threshold; left out where it was given
   */
  record DecisionView(
      String positive,
      double threshold,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String best) {}

  /** About how long the answer is. */
  static long bytes(ModelVersion version) {
    return OWN_BYTES
        + version.spec().toString().length()
        + version.metrics().toString().length()
        + (version.encoding() == null ? 0 : version.encoding().toString().length());
  }

  record SignatureView(Map<String, TensorView> inputs, Map<String, TensorView> outputs) {
    static SignatureView of(VersionDefinition version) {
      Signature signature = version.signature();
      return new SignatureView(views(signature.inputs()), views(signature.outputs()));
    }

    private static Map<String, TensorView> views(Map<String, Signature.Tensor> tensors) {
      Map<String, TensorView> views = new LinkedHashMap<>();
      tensors.forEach(
          (name, tensor) ->
              views.put(
                  name,
                  new TensorView(
                      tensor.type().name().toLowerCase(Locale.ROOT), tensor.shape().dims())));
      return views;
    }
  }

  /** One row's tensor; the batch axis is left out. */
  record TensorView(String type, List<Integer> shape) {}

  /** Where the weights came from; an imported version has no job and no dataset. */
  record ProvenanceView(
      @Nullable String job,
      @Nullable String dataset,
      @Nullable String sha256,
      @Nullable Long seed,
      @Nullable String device,
      @Nullable Integer threads,
      Map<String, String> libraries,
      @Nullable JsonNode training,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) List<MemberView> members,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable EnsembleChoice ensemble) {
    static ProvenanceView of(Provenance provenance) {
      Map<String, String> libraries = new TreeMap<>(provenance.libraries());
      return switch (provenance) {
        case Provenance.Trained made ->
            new ProvenanceView(
                made.job(),
                made.dataset(),
                made.sha256(),
                made.seed(),
                made.device().code(),
                made.threads(),
                libraries,
                made.training(),
                made.members().stream().map(MemberView::of).toList(),
                made.ensemble());
        case Provenance.Imported brought ->
            new ProvenanceView(
                null, null, null, null, null, null, libraries, null, List.of(), null);
      };
    }
  }

  /** A member of an ensemble; its weights are {@code members.<index in the list>.…}. */
  record MemberView(
      @Nullable Integer fold,
      long seed,
      int trainingRows,
      int validationRows,
      int epochs,
      int bestEpoch,
      String stopReason,
      JsonNode metrics,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Integer trial,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double weight) {
    static MemberView of(Provenance.Member member) {
      return new MemberView(
          member.fold(),
          member.seed(),
          member.trainingRows(),
          member.validationRows(),
          member.epochs(),
          member.bestEpoch(),
          member.stopReason(),
          member.metrics(),
          member.trial(),
          member.weight());
    }
  }
}
