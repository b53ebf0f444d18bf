package io.trainyard.api.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.api.docs.Places.Place;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.Violation;
import io.trainyard.spec.NetworkMembers;
import io.trainyard.spec.description.Description;
import io.trainyard.spec.layer.ActivationSpec;
import io.trainyard.spec.layer.LayerTypes;
import io.trainyard.spec.recipe.Recipe;
import io.trainyard.spec.recipe.RecipeSpec;
import io.trainyard.spec.training.LossSpec;
import io.trainyard.spec.training.Metric;
import io.trainyard.spec.training.optimizer.OptimizerSpec;
import io.trainyard.spec.training.schedule.ScheduleSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/** Descriptions say what the readers do: the same types, members, defaults and bounds. */
class DescriptionsTest {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** A member that no reader knows. */
  private static final String STRANGER = "zzz_stranger";

  private static final String KNOWN = "nown here: ";

  /** Kinds whose types are objects of their own. */
  private static final Set<String> OBJECTS =
      Set.of("layer", "activation", "initializer", "optimizer", "loss", "metric", "schedule");

  @Test
  void everyTypeOfEveryRegisterIsDescribed() {
    Set<String> layers = new TreeSet<>(LayerTypes.names());
    layers.add("model");
    assertThat(words("layer")).containsExactlyInAnyOrderElementsOf(layers);
    assertThat(names("activation"))
        .containsExactlyInAnyOrderElementsOf(lower(ActivationSpec.Function.values()));
    assertThat(words("activation")).containsExactlyInAnyOrderElementsOf(known("activation"));
    assertThat(words("initializer")).containsExactlyInAnyOrderElementsOf(known("initializer"));
    assertThat(words("optimizer"))
        .containsExactlyInAnyOrderElementsOf(lower(OptimizerSpec.Name.values()));
    assertThat(words("loss")).containsExactlyInAnyOrderElementsOf(lower(LossSpec.Name.values()));
    List<String> metrics = new ArrayList<>(lower(Metric.values()));
    metrics.add("expression");
    assertThat(words("metric")).containsExactlyInAnyOrderElementsOf(metrics);
    assertThat(words("schedule"))
        .containsExactlyInAnyOrderElementsOf(lower(ScheduleSpec.Name.values()));
    assertThat(words("error"))
        .containsExactlyElementsOf(Stream.of(ErrorCode.values()).map(ErrorCode::code).toList());
    assertThat(words("function")).containsExactlyInAnyOrderElementsOf(functions());
  }

  /** Those that a fault lists. */
  static List<String> functions() {
    JsonNode layer = NODES.objectNode().put("type", "lambda").put("expression", "zzz(x)");
    String detail = fault(place("layer", "lambda").with(layer));
    return List.of(detail.substring(detail.indexOf("here are ") + 9).split(", "));
  }

  static List<String> known(String member) {
    ObjectNode layer = NODES.objectNode().put("type", "dense").put("units", 1).put(member, "zzz");
    String detail = fault(place("layer", "dense").with(layer));
    String list =
        detail.contains("here are ")
            ? detail.substring(detail.indexOf("here are ") + 9)
            : detail.replace("One of ", "").replaceFirst(" was expected.*", "");
    return List.of(list.split(", "));
  }

  private static Place place(String kind, String name) {
    return Reference.descriptions().of(kind).stream()
        .filter(type -> type.name().equals(name))
        .map(Places::of)
        .findFirst()
        .orElseThrow();
  }

  private static String fault(Place place) {
    return Readers.read(place.schema(), place.body()).faults().getFirst().detail();
  }

  private static List<String> words(String kind) {
    return Reference.descriptions().of(kind).stream().flatMap(d -> d.words().stream()).toList();
  }

  private static List<String> names(String kind) {
    return Reference.descriptions().of(kind).stream().map(Description::name).toList();
  }

  static List<String> lower(Enum<?>[] constants) {
    return Arrays.stream(constants).map(Places::lower).toList();
  }

  @Test
  void everyDescriptionIsComplete() {
    for (Description type : Reference.descriptions().all()) {
      assertThat(type.summary()).as(type.name()).endsWith(".");
      if (type.kind().equals("error")) {
        assertThat(type.json().path("remedy").asString("")).as(type.name()).endsWith(".");
        continue;
      }
      assertThat(type.formula()).as(type.name()).isNotEmpty();
      assertThat(type.source()).as(type.name()).isNotEmpty();
      assertThat(type.example().isMissingNode()).as(type.name()).isFalse();
      assertThat(type.json().get("names").propertyNames())
          .as(type.name())
          .containsExactly("pytorch", "keras", "matlab");
      if (Set.of("layer", "loss").contains(type.kind())) {
        assertThat(type.shape()).as(type.name()).isNotEmpty();
      }
      type.members()
          .properties()
          .forEach(
              member ->
                  assertThat(member.getValue().path("description").asString(""))
                      .as(type.name() + " " + member.getKey())
                      .endsWith("."));
    }
    Reference.descriptions()
        .objects()
        .forEach(
            (name, object) ->
                object
                    .path("members")
                    .properties()
                    .forEach(
                        member ->
                            assertThat(member.getValue().path("description").asString(""))
                                .as(name + " " + member.getKey())
                                .endsWith(".")));
  }

  /** Each thing with the members that are described for it. */
  private static Map<String, Map.Entry<Place, Set<String>>> things() {
    Map<String, Map.Entry<Place, Set<String>>> things = new LinkedHashMap<>();
    ObjectNode definitions = Reference.schemasOfBodies().definitions();
    Stream.concat(
            Reference.descriptions().all().stream()
                .filter(type -> OBJECTS.contains(type.kind()))
                .map(type -> Map.entry(type.definition(), Places.of(type))),
            Places.ofObjects().entrySet().stream())
        .forEach(
            thing ->
                things.put(
                    thing.getKey(),
                    Map.entry(
                        thing.getValue(),
                        new TreeSet<>(
                            definitions.get(thing.getKey()).get("properties").propertyNames()))));
    // A network has either these or layers; the next test compares them.
    Set<String> network = Objects.requireNonNull(things.get("Network")).getValue();
    network.removeAll(recipeMembers());
    network.add(NetworkMembers.NAME); // beside layers it counts the members of an ensemble
    return things;
  }

  private static Set<String> recipeMembers() {
    Set<String> names = new TreeSet<>(Set.of(RecipeSpec.MEMBER));
    for (Recipe recipe : Recipe.values()) {
      recipe.settings().forEach(setting -> names.add(setting.name()));
    }
    return names;
  }

  @Test
  void settingsOfRecipesAreDescribedAsTheyAreRead() {
    JsonNode members =
        Objects.requireNonNull(Reference.descriptions().objects().get("Network")).get("members");
    for (Recipe recipe : Recipe.values()) {
      for (Recipe.Setting setting : recipe.settings()) {
        JsonNode described = members.get(setting.name());
        // Beside layers, members may be a list too.
        JsonNode member = described.has("anyOf") ? described.at("/anyOf/0") : described;
        String name = recipe + " " + setting.name();
        assertThat(member.get("type").stringValue()).as(name).isEqualTo(setting.type());
        for (String bound : List.of("minimum", "maximum")) {
          Number number = bound.equals("minimum") ? setting.minimum() : setting.maximum();
          assertThat(member.has(bound)).as(name).isEqualTo(number != null);
          assertThat(member.path(bound).asDouble(0))
              .as(name)
              .isEqualTo(number == null ? 0 : number.doubleValue());
        }
      }
    }
    assertThat(members.at("/recipe/enum").valueStream().map(JsonNode::stringValue))
        .containsExactly(Stream.of(Recipe.values()).map(Recipe::word).toArray(String[]::new));
    Set<String> rest = new TreeSet<>(members.propertyNames());
    rest.removeAll(recipeMembers());
    assertThat(rest).containsExactly("data_format", "inputs", "layers", "outputs");
  }

  @Test
  void everyObjectHasAPlace() {
    assertThat(Places.ofObjects().keySet())
        .containsExactlyInAnyOrderElementsOf(
            Reference.descriptions().objects().entrySet().stream()
                .filter(object -> object.getValue().has("members"))
                .filter(object -> !object.getValue().get("members").isEmpty())
                .map(Map.Entry::getKey)
                .toList());
  }

  @TestFactory
  Stream<DynamicTest> readersAskForExactlyTheDescribedMembers() {
    return things().entrySet().stream()
        .map(
            thing ->
                DynamicTest.dynamicTest(
                    thing.getKey(),
                    () -> {
                      Place place = thing.getValue().getKey();
                      assertThat(Readers.read(place.schema(), place.body()).faults()).isEmpty();
                      Set<String> asked = asked(place);
                      Set<String> described = thing.getValue().getValue();
                      for (var refused : refused(thing.getKey()).entrySet()) {
                        if (!described.contains(refused.getKey())) {
                          Place wrong = place.with(refused.getKey(), refused.getValue());
                          assertThat(Readers.read(wrong.schema(), wrong.body()).faults())
                              .as(refused.getKey())
                              .isNotEmpty();
                          asked.remove(refused.getKey());
                        }
                      }
                      assertThat(asked).isEqualTo(described);
                    }));
  }

  /**
   * Members that a reader asks for only to refuse them, each with a value that is right elsewhere.
   */
  private static Map<String, JsonNode> refused(String thing) {
    if (thing.endsWith("Activation")) {
      return Map.of("alpha", NODES.numberNode(0.5), "learned", NODES.booleanNode(true));
    }
    return thing.equals("Phase")
        ? Map.of(
            "seed", NODES.numberNode(1),
            "sample_weight", NODES.stringNode("w"),
            "time_limit_seconds", NODES.numberNode(1),
            "find_learning_rate", NODES.objectNode(),
            "ensemble", NODES.objectNode().put("seeds", 2))
        : Map.of();
  }

  /** The members that the reader knows, from its fault about one that it does not. */
  private static Set<String> asked(Place place) {
    Place strange = place.with(STRANGER, NODES.numberNode(1));
    String at = place.pointer() + "/" + STRANGER;
    String detail =
        Readers.read(strange.schema(), strange.body()).faults().stream()
            .filter(fault -> fault.pointer().equals(at))
            .map(Violation::detail)
            .filter(text -> text.contains(KNOWN))
            .findFirst()
            .orElseThrow();
    return new TreeSet<>(
        List.of(detail.substring(detail.indexOf(KNOWN) + KNOWN.length()).split(", ")));
  }

  @TestFactory
  Stream<DynamicTest> defaultsAreTheReaders() {
    return members()
        .filter(member -> member.schema().has("default"))
        .filter(member -> !DEPENDENT.contains(member.toString()))
        .map(
            member ->
                DynamicTest.dynamicTest(
                    member.toString(),
                    () -> {
                      Place without = member.place().with(member.name(), MissingNode.getInstance());
                      Place with =
                          member.place().with(member.name(), member.schema().get("default"));
                      Readers.Reading read = Readers.read(with.schema(), with.body());
                      assertThat(read.faults()).isEmpty();
                      assertThat(read).isEqualTo(Readers.read(without.schema(), without.body()));
                    }));
  }

  @TestFactory
  Stream<DynamicTest> boundsAreTheReaders() {
    return members()
        .flatMap(
            member -> Bounds.of(member.schema()).stream().map(bound -> Map.entry(member, bound)))
        .map(
            each ->
                DynamicTest.dynamicTest(
                    each.getKey() + " " + each.getValue(),
                    () -> {
                      Member member = each.getKey();
                      Bounds.Bound bound = each.getValue();
                      Place outside = member.place().with(member.name(), bound.outside());
                      assertThat(Readers.read(outside.schema(), outside.body()).faults())
                          .as("just outside")
                          .isNotEmpty();
                      Place inside = member.place().with(member.name(), bound.inside());
                      if (!DEPENDENT.contains(member.toString())) {
                        assertThat(Readers.read(inside.schema(), inside.body()).faults())
                            .as("just inside")
                            .isEmpty();
                      }
                    }));
  }

  /**
   * Members whose limits also follow from other members, so that the outermost is never reached.
   */
  private static final Set<String> DEPENDENT =
      Set.of(
          // Below the stride or the dilation.
          "Conv2dTransposeLayer output_padding",
          // Those of all members together.
          "MemberGroup layers",
          // Not beside folds, which its place has.
          "Ensemble seeds",
          // At least mu.
          "LevenbergMarquardtOptimizer mu_max",
          "BayesianRegularizationOptimizer mu_max",
          // Below max, above min.
          "LearningRateRange min",
          "LearningRateRange max",
          // Either norm or value.
          "GradientClipping value",
          // The number is at most the number of folds.
          "Fold number",
          "Fold of",
          // Only beside phases, which together have at most 1000000 epochs.
          "Training repeat_phases",
          // Together they leave rows to train on.
          "Split validation",
          "Split test");

  /** A member in its place. */
  private record Member(String owner, Place place, String name, JsonNode schema) {
    @Override
    public String toString() {
      return owner + " " + name;
    }
  }

  private static Stream<Member> members() {
    ObjectNode definitions = Reference.schemasOfBodies().definitions();
    return things().entrySet().stream()
        .flatMap(
            thing ->
                definitions.get(thing.getKey()).get("properties").properties().stream()
                    .filter(member -> thing.getValue().getValue().contains(member.getKey()))
                    .map(
                        member ->
                            new Member(
                                thing.getKey(),
                                thing.getValue().getKey(),
                                member.getKey(),
                                member.getValue())));
  }
}
