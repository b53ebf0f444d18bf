package io.trainyard.predict.serving;

import io.trainyard.access.Identity;
import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.VersionStore;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.VersionStatistics;
import io.trainyard.predict.request.NamedInputs;
import io.trainyard.predict.request.NamedOutputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What callers of the Open Inference Protocol ask about models, whichever way their calls come:
 * names, versions, tensors, statistics, and Triton's repository.
 */
public final class ServedModels {
  /** The parts of the protocol that a caller may use beyond the required ones. */
  public static final List<String> EXTENSIONS =
      List.of("binary_tensor_data", "model_repository", "statistics");

  /** The name of the server. */
  public static final String SERVER = "trainyard";

  private static final String OWN_PLATFORM = "trainyard_libtorch";

  /** Triton's word. */
  private static final String ONNX_PLATFORM = "onnxruntime_onnx";

  private static final int MOST_MODELS = 10_000;
  private static final int MOST_VERSIONS = 1000;
  private static final int PAGE = 1000;

  private final ModelCatalogue models;
  private final VersionStore versions;
  private final VersionResolver resolver;
  private final Predictor predictor;
  private final ServedVersions served;

  public ServedModels(
      ModelCatalogue models,
      VersionStore versions,
      VersionResolver resolver,
      Predictor predictor,
      ServedVersions served) {
    this.models = models;
    this.versions = versions;
    this.resolver = resolver;
    this.predictor = predictor;
    this.served = served;
  }

  /**
   * A model.
   *
   * @param version the one that is described
   * @param versions all that can be asked for, oldest first
   * @param platform what computes it
   * @param assumedClasses the targets whose labels an import without classes made up
   */
  public record Description(
      String name,
      int version,
      List<String> versions,
      String platform,
      List<NamedInputs.Described> inputs,
      List<NamedInputs.Described> outputs,
      List<String> assumedClasses) {}

  /** A version in the repository. */
  public record Entry(String name, String version, boolean ready, String reason) {}

  /** What a version answered since it was loaded. */
  public record Usage(ModelVersion version, VersionStatistics statistics) {}

  public List<String> names() {
    return all().stream().map(Model::name).toList();
  }

  private List<Model> all() {
    List<Model> all = new ArrayList<>();
    List<Model> page = models.list(PAGE, null);
    while (!page.isEmpty() && all.size() < MOST_MODELS) {
      all.addAll(page);
      page = models.list(PAGE, page.getLast().id());
    }
    return all;
  }

  /**
   * Describes a version.
   *
   * @param version a number, an alias, {@code latest}, or null for the one that answers then
   */
  public Description describe(String model, @Nullable String version) {
    ModelVersion found = resolver.resolve(model, version);
    VersionDefinition definition = VersionDefinition.of(found);
    List<Integer> known = versions.numbers(found.model(), MOST_VERSIONS);
    return new Description(
        found.model(),
        found.version(),
        known.reversed().stream().map(String::valueOf).toList(),
        found.isForeign() ? ONNX_PLATFORM : OWN_PLATFORM,
        NamedInputs.of(definition),
        NamedOutputs.describe(definition),
        definition.assumedClasses());
  }

  /** Whether a version can be asked: it is loaded then, unless an operator has unloaded it. */
  public boolean isReady(String model, @Nullable String version) {
    return !predictor.control().isUnloaded(resolver.resolve(model, version));
  }

  /** By reference, why versions are refused. */
  public Map<String, String> refused() {
    return served.refused();
  }

  /** All versions, and which can be asked. */
  public List<Entry> index() {
    Map<String, String> refused = refused();
    List<Entry> entries = new ArrayList<>();
    for (Model model : all()) {
      for (int version : versions.numbers(model.name(), MOST_VERSIONS)) {
        String reason = refused.get(model.name() + "@" + version);
        entries.add(
            new Entry(
                model.name(),
                String.valueOf(version),
                reason == null,
                Objects.requireNonNullElse(reason, "")));
      }
      if (entries.size() >= MOST_MODELS) {
        break;
      }
    }
    return entries;
  }

  /** Loads the version that is answered from when none is named. */
  public void load(String model) {
    served.loadModel(resolver.resolve(model, null));
  }

  /** Refuses requests for a model's versions until it is loaded again, and frees their memory. */
  public void unload(String model) {
    served.unloadModel(model);
  }

  /** The statistics of all versions in memory. */
  public List<Usage> statistics() {
    Identity caller = Identity.current();
    return predictor.loaded().stream()
        .filter(loaded -> caller.permitsModel(loaded.version().model()))
        .map(loaded -> new Usage(loaded.version(), loaded.statistics()))
        .toList();
  }

  /** The statistics of one version; all zero when it is not in memory. */
  public Usage statistics(String model, @Nullable String version) {
    ModelVersion found = resolver.resolve(model, version);
    return statistics().stream()
        .filter(usage -> usage.version().id() == found.id())
        .findFirst()
        .orElseGet(() -> new Usage(found, new VersionStatistics()));
  }
}
