package io.trainyard.spec.training;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.layer.Layer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a training in phases. Each phase is read as a training: its members, and those around it
 * that it does not give itself.
 */
final class PhasesReader {
  private static final int MAX_PHASES = 100;
  private static final int MAX_REPEATS = 100_000;
  private static final int MAX_PATHS = 2_000;

  /** Members of the job, not of a phase. */
  private static final List<String> OF_JOB = List.of("seed", "sample_weight", "time_limit_seconds");

  /** Members that only the final phase has: they are about what is published. */
  private static final List<String> OF_FINAL =
      List.of("publish", "monitor", "calibration", "intervals");

  /** Members that say nothing without the loss beside them. */
  private static final List<String> OF_LOSS =
      List.of("loss", "losses", "loss_weights", "label_smoothing");

  private static final List<String> OF_TRAINING = List.of("phases", "repeat_phases");

  private final JsonObject training;
  private final Violations violations;
  private final Set<Violation> reported = new HashSet<>();

  /** The members around the phases that any training knows. */
  private final Map<String, JsonNode> shared = new LinkedHashMap<>();

  /** The members of a training that are neither around the phases nor in one of them. */
  private final Set<String> absent = new HashSet<>();

  private PhasesReader(JsonObject training) {
    this.training = training;
    this.violations = training.violations();
  }

  /** The training of the final phase, with all phases; null when one cannot be read. */
  static @Nullable TrainingSpec read(JsonObject training) {
    return new PhasesReader(training).read();
  }

  private @Nullable TrainingSpec read() {
    JsonNode list = training.get("phases");
    int repeats = training.integer("repeat_phases", 1, 1, MAX_REPEATS);
    refuseSearch(training);
    refuseEnsemble(training);
    refuseFrames(training);
    readShared();
    training.finish();
    if (list == null || !list.isArray() || list.isEmpty() || list.size() > MAX_PHASES) {
      training.violate(
          "phases",
          "A list of 1 to %d phases was expected, got %s"
              .formatted(
                  MAX_PHASES,
                  list != null && list.isArray() ? "a list of " + list.size() : describe(list)));
      return null;
    }
    list.forEach(phase -> absent.removeAll(phase.propertyNames()));
    List<Phase> phases = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Map<String, JsonNode> unused = new LinkedHashMap<>(shared);
    OF_JOB.forEach(unused::remove);
    ObjectNode merged = JsonNodeFactory.instance.objectNode();
    long epochs = 0;
    for (int i = 0; i < list.size(); i++) {
      String pointer = Violation.pointer(training.pointer("phases"), i);
      boolean last = i == list.size() - 1;
      JsonObject own = JsonObject.of(list.get(i), pointer, violations);
      Set<String> inherited = inherited(own, last);
      inherited.forEach(unused::remove);
      if (!list.get(i).isObject()) {
        continue;
      }
      merged = merged(own, inherited, last);
      checkMembers(own, last);
      String name = merged.path("name").asString("phase_" + (i + 1));
      if (!names.add(name)) {
        violations.add(
            pointer + "/name", "There is already a phase '%s'".formatted(JsonObject.shorten(name)));
      }
      Phase phase = phase(merged, pointer, inherited, i, repeats);
      if (phase != null) {
        phases.add(phase);
        epochs += phase.training().epochs();
      }
    }
    for (String member : unused.keySet()) {
      training.violate(
          member,
          "No phase uses this '%s': each that could has its own. Leave it out here, or in a phase"
              .formatted(member));
    }
    if (epochs * repeats > TrainingReader.MAX_EPOCHS) {
      training.violate(
          "repeat_phases",
          "At most %d epochs were expected, got %d in %d repeats of all phases"
              .formatted(TrainingReader.MAX_EPOCHS, epochs * repeats, repeats));
      return null;
    }
    return phases.size() < list.size() ? null : whole(merged, new Phases(phases, repeats));
  }

  private static void refuseSearch(JsonObject owner) {
    if (owner.has("find_learning_rate")) {
      owner.violate(
          "find_learning_rate",
          "Each phase has a learning rate of its own: find that of a phase with a job without"
              + " phases, in which the other layers have \"trainable\": false");
    }
  }

  private static void refuseEnsemble(JsonObject owner) {
    if (owner.has("ensemble")) {
      owner.violate(
          "ensemble",
          "The members of an ensemble train all layers at once, so there are no phases: leave"
              + " 'phases' out, or 'ensemble'");
    }
  }

  private static void refuseFrames(JsonObject owner) {
    JsonNode list = owner.peek("diagnostics");
    for (int i = 0; list != null && list.isArray() && i < list.size(); i++) {
      if (list.get(i).has("frames")) {
        owner.violate(
            "diagnostics",
            i,
            "A phase may compute a part of the network only, and frames show all of it: leave"
                + " 'phases' out, or 'frames'");
      }
    }
  }

  private static String describe(@Nullable JsonNode list) {
    return JsonObject.describe(list)
        + "; write [{\"train\": [\"dense_1\"], \"epochs\": 5}, {\"train\": [\"dense_2\"],"
        + " \"epochs\": 5}]";
  }

  /** Reads the members around the phases only to know which there are. */
  private void readShared() {
    ObjectNode given = JsonNodeFactory.instance.objectNode();
    for (String name : training.names()) {
      if (!OF_TRAINING.contains(name)) {
        given.set(name, training.peek(name));
      }
    }
    JsonObject probe = JsonObject.of(given, training.pointer(), new Violations());
    TrainingSpec _ = new TrainingReader(probe).read(Phases.NONE, true);
    for (String member : probe.asked()) {
      JsonNode json = training.get(member);
      if (json == null) {
        absent.add(member);
      } else if (!member.equals("ensemble")) {
        shared.put(member, json);
      }
    }
  }

  private Set<String> inherited(JsonObject own, boolean last) {
    boolean hasLoss = own.has("loss") || own.has("losses");
    Set<String> inherited = new LinkedHashSet<>();
    for (String member : shared.keySet()) {
      boolean given = own.has(member) && !OF_JOB.contains(member);
      boolean replaced = hasLoss && OF_LOSS.contains(member);
      if (!given && !replaced && (last || !OF_FINAL.contains(member))) {
        inherited.add(member);
      }
    }
    return inherited;
  }

  private ObjectNode merged(JsonObject own, Set<String> inherited, boolean last) {
    ObjectNode merged = JsonNodeFactory.instance.objectNode();
    for (String member : own.names()) {
      JsonNode json = own.get(member);
      if (json != null && !OF_JOB.contains(member)) {
        merged.set(member, json);
      }
    }
    inherited.forEach(member -> merged.set(member, shared.get(member)));
    if (!last) {
      OF_FINAL.forEach(merged::remove);
      merged.put("publish", "last");
    }
    return merged;
  }

  private void checkMembers(JsonObject own, boolean last) {
    refuseSearch(own);
    refuseEnsemble(own);
    refuseFrames(own);
    for (String member : OF_JOB) {
      if (own.has(member)) {
        own.violate(
            member,
            "'%s' is for all phases together: give it in 'training', beside 'phases'"
                .formatted(member));
      }
    }
    for (String member : OF_FINAL) {
      if (own.has(member) && !last) {
        own.violate(
            member,
            "'%s' is about what is published, and that comes from the final phase: give it there"
                .formatted(member));
      }
    }
  }

  private @Nullable Phase phase(
      ObjectNode merged, String pointer, Set<String> inherited, int index, int repeats) {
    Violations found = new Violations();
    JsonObject members = JsonObject.of(merged, pointer, found);
    String name = members.text("name", "phase_" + (index + 1));
    if (members.hasText("name")) {
      boolean _ = Layer.checkName(name, "a phase", pointer + "/name", found);
    }
    List<String> train = train(members);
    String output = members.text("output");
    Phase.Source source = source(members);
    boolean penalties = members.bool("penalties", true);
    TrainingSpec spec = new TrainingReader(members).read(new Phases(List.of(), repeats), penalties);
    members.finish();
    // What all phases lack is one fault, of the training around them.
    Set<String> around = new HashSet<>(absent);
    around.addAll(inherited);
    for (Violation violation : found.list()) {
      String place = Phase.place(pointer, around, violation.pointer());
      Violation placed = new Violation(place, violation.detail());
      if (reported.add(placed)) {
        violations.add(place, violation.detail());
      }
    }
    return spec == null
            || (members.has("target") && source == null)
            || (members.has("output") && output == null)
        ? null
        : new Phase(name, train, output, source, spec, pointer, inherited);
  }

  private static List<String> train(JsonObject members) {
    List<String> train = members.texts("train");
    if (train == null) {
      if (!members.has("train")) {
        members.violate(
            "train",
            "'train' is required: the layers that this phase trains, such as [\"dense_1\"]");
      }
      return List.of();
    }
    if (train.isEmpty() || train.size() > MAX_PATHS) {
      members.violate(
          "train", "From 1 to %d layers were expected, got %d".formatted(MAX_PATHS, train.size()));
      return List.of();
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < train.size(); i++) {
      if (!seen.add(train.get(i))) {
        members.violate(
            "train",
            i,
            "The layer '%s' is listed twice".formatted(JsonObject.shorten(train.get(i))));
      }
    }
    return train;
  }

  private static Phase.@Nullable Source source(JsonObject members) {
    JsonObject target = members.object("target");
    if (target == null) {
      return null;
    }
    List<String> kinds = List.of("name", "input", "layer");
    List<String> given = kinds.stream().filter(target::has).toList();
    String text = given.size() == 1 ? target.text(given.getFirst()) : null;
    if (given.size() != 1) {
      target
          .violations()
          .add(
              target.pointer(),
              "One of 'name' (a target of the model), 'input' and 'layer' was expected, got "
                  + (given.isEmpty() ? "none" : String.join(", ", given)));
    }
    target.finish();
    if (text == null) {
      return null;
    }
    return switch (given.getFirst()) {
      case "name" -> new Phase.Source.Target(text);
      case "input" -> new Phase.Source.Input(text);
      default -> new Phase.Source.LayerOutput(text);
    };
  }

  /** Its faults are reported with the final phase. */
  private @Nullable TrainingSpec whole(ObjectNode ofFinal, Phases phases) {
    JsonObject members = JsonObject.of(ofFinal, training.pointer(), new Violations());
    return new TrainingReader(members).read(phases, phases.list().getLast().training().penalties());
  }
}
