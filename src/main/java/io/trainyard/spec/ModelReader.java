package io.trainyard.spec;

import io.trainyard.access.Names;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.json.Word;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.recipe.Recipe;
import io.trainyard.spec.recipe.RecipeSpec;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads a model object: name, inputs, targets and network, and checks that they fit together. */
final class ModelReader {
  /** Members that an answer to a predict request already has. */
  private static final Set<String> RESERVED =
      Set.of(
          "probabilities",
          "outputs",
          "uncertainty",
          "attributions",
          "baseline_output",
          "interval",
          "set",
          "std");

  private static final int MAX_INPUTS = 1_000;

  private final JsonObject model;
  private final Violations violations;
  private final boolean stored;
  private final boolean hasInputs;
  private final boolean recipe;

  private ModelReader(JsonObject model, boolean stored, boolean recipe) {
    this.recipe = recipe;
    this.stored = stored;
    this.model = model;
    this.violations = model.violations();
    JsonNode inputs = model.get("inputs");
    hasInputs = inputs != null && (!inputs.isObject() || model.map("inputs") != null);
  }

  /**
   * What could be read; the caller knows whether that is all.
   *
   * @param stored whether it was valid once: names that were reserved later are none of its faults
   */
  static SpecReader.ReadModel read(JsonObject model, boolean stored) {
    boolean recipe = RecipeSpec.isIn(model.peek("network"), model.peek("targets"));
    return new ModelReader(model, stored, recipe).read();
  }

  private SpecReader.ReadModel read() {
    String name = model.requiredText("name");
    if (model.hasText("name")) {
      checkName(name);
    }
    Set<String> inputNames = new LinkedHashSet<>();
    long atInputs = violations.count();
    Set<String> faulty = new HashSet<>();
    Map<String, InputSpec> inputs =
        named("inputs", "an input", inputNames, faulty, InputReader::read);
    checkOneTakesTheRest(inputs);
    boolean inputsAreRead = violations.count() == atInputs;
    long atTargets = violations.count();
    Set<String> faultyTargets = new HashSet<>();
    Map<String, TargetSpec> targets =
        named("targets", "a target", new LinkedHashSet<>(), faultyTargets, TargetReader::read);
    for (String target : targets.keySet()) {
      if (!stored && RESERVED.contains(target)) {
        violate("targets", target, "'" + target + "' is reserved and cannot name a target");
      }
    }
    boolean targetsAreRead = violations.count() == atTargets;
    if (recipe) {
      if (!inputsAreRead || !targetsAreRead) {
        leaveOut(faulty, inputs, faultyTargets, targets);
      }
      return withRecipe(name, inputs, targets, inputsAreRead, targetsAreRead);
    }
    NetworkReader.ReadNetwork network = network(hasInputs ? inputNames : null);
    List<String> unread =
        inputNames.stream().filter(input -> !network.names().mayRead(input)).toList();
    // A layer that reads an unknown name may mean one of them.
    if (unread.size() > network.names().unknownReads()) {
      unread.forEach(input -> violate("inputs", input, LayerNames.unread(input)));
    }
    ModelSpec spec = new ModelSpec(name, inputs, targets, network.spec());
    checkTargets(spec, inputNames, network.names());
    checkWindows(spec);
    model.finish();
    if (!inputsAreRead || !targetsAreRead) {
      leaveOut(faulty, inputs, faultyTargets, targets);
      spec = new ModelSpec(name, inputs, targets, network.spec());
    }
    return new SpecReader.ReadModel(spec, inputsAreRead, targetsAreRead, true, null);
  }

  /** Leaves out what has a fault: what it means is unknown. */
  private static void leaveOut(
      Set<String> faultyInputs,
      Map<String, InputSpec> inputs,
      Set<String> faultyTargets,
      Map<String, TargetSpec> targets) {
    inputs.keySet().removeAll(faultyInputs);
    targets.keySet().removeAll(faultyTargets);
    // Which columns are left for '*' is unknown.
    inputs.values().removeIf(InputSpec::takesAllColumns);
  }

  /** The inputs and targets of a model whose layers a dataset will tell. */
  private SpecReader.ReadModel withRecipe(
      String name,
      Map<String, InputSpec> inputs,
      Map<String, TargetSpec> targets,
      boolean inputsAreRead,
      boolean targetsAreRead) {
    JsonObject network = model.object("network");
    RecipeSpec read = network == null ? RecipeSpec.AUTO : RecipeSpec.read(network);
    boolean lacksTargets = targetsAreRead && targets.isEmpty();
    if (lacksTargets) {
      model.violate(
          "targets", "A recipe needs what it shall predict: {\"price\": {\"column\": \"price\"}}");
    }
    targets.forEach(
        (target, spec) -> {
          if (!(spec.source() instanceof TargetSpec.Source.Columns)) {
            violate(
                "targets",
                target,
                "A recipe predicts columns; write the 'layers' of a network that gives this"
                    + " target");
          }
        });
    model.finish();
    List<String> names = List.copyOf(inputs.keySet());
    ModelSpec spec =
        new ModelSpec(
            name, inputs, targets, new NetworkSpec(Map.of(), names, List.of(), List.of()));
    return new SpecReader.ReadModel(
        spec, inputsAreRead, targetsAreRead && !lacksTargets, false, read);
  }

  private NetworkReader.ReadNetwork network(@Nullable Set<String> inputNames) {
    String text = model.hasText("network") ? model.text("network") : null;
    boolean namesRecipe = text != null && Word.of(Recipe.class, text).isPresent();
    if (namesRecipe) {
      model.violate(
          "network",
          "An object was expected, got a recipe's name; write {\"recipe\": \"%s\"}"
              .formatted(text));
    }
    JsonObject network = namesRecipe ? null : model.object("network");
    if (network != null) {
      return NetworkReader.read(network, inputNames, stored);
    }
    if (!model.has("network")) {
      model.violate(
          "network",
          "'network' is required, or 'targets', as {\"price\": {\"column\": \"price\"}}: for these"
              + " a recipe writes the network and the training");
    }
    List<String> inputs = inputNames == null ? List.of() : List.copyOf(inputNames);
    return new NetworkReader.ReadNetwork(
        new NetworkSpec(Map.of(), inputs, List.of(), List.of()),
        new LayerNames(JsonObject.none(violations)),
        false);
  }

  private void checkName(String name) {
    if (!Names.isName(name)) {
      model.violate(
          "name",
          "'%s' is not a model name: a name starts with a lower-case letter or digit and"
                  .formatted(JsonObject.shorten(name))
              + " has at most 63 characters of a-z, 0-9, '.', '_' and '-'");
    }
  }

  /**
   * Reads each member of an object whose names the caller chose.
   *
   * @param names gets all names
   * @param faulty gets the names of those with a fault
   */
  private <T> Map<String, T> named(
      String member,
      String what,
      Set<String> names,
      Set<String> faulty,
      Function<JsonObject, @Nullable T> reader) {
    Map<String, T> all = new LinkedHashMap<>();
    JsonObject object = model.map(member);
    if (object == null) {
      return all;
    }
    if (object.names().size() > MAX_INPUTS) {
      model.violate(
          member,
          "At most %d members were expected, got %d".formatted(MAX_INPUTS, object.names().size()));
      return all;
    }
    for (String name : object.names()) {
      // A layer may read what has a bad name.
      names.add(name);
      if (!Layer.checkName(name, what, object.pointerTo(name), violations)) {
        continue;
      }
      long before = violations.count();
      JsonObject each = JsonObject.of(object.get(name), object.pointer(name), violations);
      T spec = reader.apply(each);
      each.finish();
      if (spec != null) {
        all.put(name, spec);
      }
      if (violations.count() > before) {
        faulty.add(name);
      }
    }
    return all;
  }

  private void checkOneTakesTheRest(Map<String, InputSpec> inputs) {
    String first = null;
    for (var input : inputs.entrySet()) {
      if (input.getValue().takesAllColumns()) {
        if (first != null) {
          violate(
              "inputs",
              input.getKey(),
              "'*' takes all columns that nothing else uses, and '" + first + "' already does");
        }
        first = first == null ? input.getKey() : first;
      }
    }
  }

  private void checkTargets(ModelSpec spec, Set<String> inputs, LayerNames network) {
    if (!hasInputs && !spec.targets().isEmpty()) {
      model.violate(
          "targets", "A model without 'inputs' takes raw tensors and has no columns to train on");
      return;
    }
    boolean outputsAreKnown = !spec.network().outputs().isEmpty();
    Map<String, String> trainedBy = new LinkedHashMap<>();
    for (String target : spec.targets().keySet()) {
      checkSource(target, spec.target(target).source(), inputs, network);
      String output = spec.outputOf(target);
      if (output == null) {
        if (outputsAreKnown) {
          refuseOutput(target, spec);
        }
      } else if (trainedBy.putIfAbsent(output, target) != null) {
        violate(
            "targets",
            target,
            "The targets '%s' and '%s' train the same output '%s'"
                .formatted(trainedBy.get(output), target, output));
      }
    }
  }

  /** All windows must end at the same rows, so they may differ only in length. */
  private void checkWindows(ModelSpec spec) {
    RowWindow first = null;
    boolean like = false;
    for (var input : spec.inputs().entrySet()) {
      RowWindow window = input.getValue().window();
      like |= input.getValue().like() != null;
      if (window == null) {
        continue;
      }
      if (first != null && !window.endsWith(first)) {
        violations.add(
            Violation.pointer(Violation.pointer(model.pointer("inputs"), input.getKey()), "window"),
            "The windows of all inputs must agree in stride, group and order_by");
      }
      first = first == null ? window : first;
    }
    JsonNode given = model.get("inputs");
    if (first != null
        || like
        || (given != null && !given.isObject())
        || members("inputs").stream()
            .anyMatch(each -> InputReader.mayHaveWindow(each.getValue()))) {
      return;
    }
    for (var target : members("targets")) {
      if (target.getValue().path("offset").asInt(0) > 0) {
        violations.add(
            Violation.pointer(
                Violation.pointer(model.pointer("targets"), target.getKey()), "offset"),
            "'offset' counts rows after a window, but no input has a window; give an input a"
                + " 'window'");
      }
    }
  }

  /** Of inputs or targets, also those with a fault. */
  private Set<Map.Entry<String, JsonNode>> members(String member) {
    JsonNode given = model.get(member);
    return given == null ? Set.of() : given.properties();
  }

  private void checkSource(
      String target, TargetSpec.Source source, Set<String> inputs, LayerNames network) {
    if (source instanceof TargetSpec.Source.Input(String input) && !inputs.contains(input)) {
      violate(
          "targets", target, "There is no input '%s'; the inputs are %s".formatted(input, inputs));
    }
    if (source instanceof TargetSpec.Source.LayerOutput(String layer)
        && !network.hasLayer(layer)
        && network.areKnown()) {
      violate("targets", target, "There is no layer '" + layer + "'");
    }
  }

  private void refuseOutput(String target, ModelSpec spec) {
    String named = spec.target(target).output();
    JsonNode given = model.get("targets");
    if (named == null && given != null && given.path(target).hasNonNull("output")) {
      return; // it cannot be read, which is a fault of its own
    }
    violate(
        "targets",
        target,
        named == null
            ? "The network has the outputs %s: 'output' must say which one '%s' trains"
                .formatted(spec.network().outputs(), target)
            : "There is no output '%s'; the outputs are %s"
                .formatted(named, spec.network().outputs()));
  }

  private void violate(String member, String name, String detail) {
    violations.add(Violation.pointer(model.pointer(member), name), detail);
  }
}
