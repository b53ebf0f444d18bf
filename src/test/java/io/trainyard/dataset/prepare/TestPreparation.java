package io.trainyard.dataset.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.InMemoryDatasets;
import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.dataset.encoding.Encoding.LearnedEncodings;
import io.trainyard.dataset.encoding.Tolerance;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.spec.ModelSpec;
import io.trainyard.spec.SpecReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Plans and prepares datasets in memory, from the JSON of models and selections. */
public final class TestPreparation {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final long SEED = 7;

  public final InMemoryDatasets datasets = new InMemoryDatasets();
  public final DatasetPlanner planner;
  private final DatasetPreparer preparer;

  public TestPreparation() {
    this((_, _) -> Optional.empty());
  }

  /**
   * Another preparation.
   *
   * @param learned the encodings that an input's {@code like} can name
   */
  public TestPreparation(LearnedEncodings learned) {
    planner = new DatasetPlanner(datasets, datasets, TensorMemory.resident(), learned);
    preparer = new DatasetPreparer(planner, datasets, TensorMemory.resident());
  }

  public static JsonNode json(String text) {
    return MAPPER.readTree(text);
  }

  /** A model with a dense layer for each output; each reads one of the inputs. */
  public static ModelSpec model(String inputs, String targets, String... outputs) {
    List<String> names = List.copyOf(json(inputs).propertyNames());
    List<String> wanted = outputs.length == 0 ? List.of("out") : List.of(outputs);
    List<String> layers = new ArrayList<>();
    for (int i = 0; i < wanted.size(); i++) {
      layers.add(
          "{\"type\":\"dense\",\"units\":2,\"name\":\"%s\",\"inputs\":[\"%s\"]}"
              .formatted(wanted.get(i), names.get(i % names.size())));
    }
    return model(
        "{\"name\":\"m\",\"inputs\":%s,\"targets\":%s,\"network\":{\"layers\":[%s],\"outputs\":[\"%s\"]}}"
            .formatted(inputs, targets, String.join(",", layers), String.join("\",\"", wanted)));
  }

  public static ModelSpec model(String model) {
    Violations violations = new Violations();
    ModelSpec spec = SpecReader.model(json(model), "/model", violations);
    assertThat(violations.list()).isEmpty();
    return Objects.requireNonNull(spec);
  }

  public static DatasetSelection selection(String json) {
    Violations violations = new Violations();
    DatasetSelection selection = DatasetSelection.read(json(json), "/dataset", violations);
    assertThat(violations.list()).isEmpty();
    return Objects.requireNonNull(selection);
  }

  static Preparation rows(ModelSpec model, String selection, @Nullable Encoding inherited) {
    return new Preparation(model, selection(selection), inherited, null, SEED, Tolerance.NONE);
  }

  public PreparedData prepare(ModelSpec model, String selection) {
    return prepare(model, selection, null);
  }

  public PreparedData prepare(ModelSpec model, String selection, @Nullable Encoding inherited) {
    return preparer.prepare(rows(model, selection, inherited), () -> false);
  }

  public PreparedData prepareWeighted(ModelSpec model, String selection, String sampleWeight) {
    return prepareWeighted(model, selection, null, sampleWeight);
  }

  PreparedData prepareWeighted(
      ModelSpec model, String selection, @Nullable Encoding inherited, String sampleWeight) {
    return preparer.prepare(rows(model, selection, inherited).weighted(sampleWeight), () -> false);
  }

  /** A fold of rows that are prepared. */
  PreparedData fold(ModelSpec model, String selection, PreparedData whole, String sampleWeight) {
    return preparer.fold(
        rows(model, selection, whole.encoding()).weighted(sampleWeight), whole, () -> false);
  }

  Encoding learn(ModelSpec model, String selection) {
    return preparer.learn(rows(model, selection, null), () -> false);
  }

  public PreparedData prepareCancelled(ModelSpec model, String selection) {
    return preparer.prepare(rows(model, selection, null), () -> true);
  }

  public DataPlan plan(ModelSpec model, String selection) {
    Violations violations = new Violations();
    DataPlan plan = planner.check(rows(model, selection, null), violations).plan();
    assertThat(violations.list()).isEmpty();
    return Objects.requireNonNull(plan);
  }

  /** The violations of a plan that must fail. */
  public List<Violation> violations(ModelSpec model, String selection) {
    Violations violations = new Violations();
    assertThat(planner.plan(rows(model, selection, null), violations)).isNull();
    return violations.list();
  }

  /** Asserts that planning the dataset "t" fails at a pointer. */
  public void assertViolation(ModelSpec model, String pointer, String detail) {
    assertThat(violations(model, "{\"name\":\"t\"}"))
        .anySatisfy(
            violation -> {
              assertThat(violation.pointer()).isEqualTo(pointer);
              assertThat(violation.detail()).contains(detail);
            });
  }

  public static float[] input(Subset subset, String name) {
    return Objects.requireNonNull(subset.inputs().get(name)).toFloats();
  }

  public static float[] target(Subset subset, String name) {
    return Objects.requireNonNull(subset.targets().get(name)).toFloats();
  }

  public static long[] classes(Subset subset, String target) {
    return Objects.requireNonNull(subset.targets().get(target)).toLongs();
  }
}
