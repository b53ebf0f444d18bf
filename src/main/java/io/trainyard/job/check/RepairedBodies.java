package io.trainyard.job.check;

import io.trainyard.dataset.UnknownColumn;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.spec.LayerNames;
import io.trainyard.spec.layer.LayerTypes;
import io.trainyard.spec.phase.PhaseModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds the faults that others hide. A part that cannot be read is left out of the later checks, so
 * these are run again on copies of the body in which the faults found so far are repaired. What
 * they find there is a fault of the caller's body too, if no repair can have made it.
 */
public final class RepairedBodies {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** A repair may uncover faults that can be repaired as well. */
  private static final int MAX_PASSES = 4;

  /** What is put in place of a faulty loss, one in each variant. */
  private static final List<String> LOSSES =
      List.of("mse", "binary_crossentropy", "categorical_crossentropy");

  private static final List<JsonNode> METRICS =
      List.of(JSON.stringNode("mae"), JSON.stringNode("accuracy"), JSON.stringNode("f1"));

  private static final List<JsonNode> TYPES =
      List.of(JSON.nullNode(), JSON.stringNode("class"), JSON.stringNode("number"));

  /** How the assumed layers end: each loss suits one of them. */
  private static final List<String> ACTIVATIONS = List.of("linear", "sigmoid", "softmax");

  private static final int VARIANTS = 3;

  /**
   * What all checks of copies may read: each value counts, and a long text as several. Nobody
   * writes a body by hand that is too large for all passes.
   */
  private static final int MOST_WORK = 200_000;

  private static final int CHARACTERS_PER_VALUE = 16;

  /** No check begins after this time: where a dataset's rows are read, each takes its own. */
  private static final Duration MOST_TIME = Duration.ofSeconds(5);

  private static final String MODEL = "/model";
  private static final String LAYERS = "/model/network/layers";
  private static final String TRAINING = "/training(/phases/\\d+)?/";

  /** Members whose absence cannot be a fault, and makes nothing else one. */
  private static final Pattern OPTIONAL =
      Pattern.compile(
          "/priority|/resources(/.*)?|/initial_weights(/.*)?|/on_success/(alias|when/[^/]+)(/.*)?"
              + "|/model/(inputs|targets)/[^/]+/scale(/.*)?|/model/network/data_format"
              + "|/model/network/layers/\\d+/(\\w*initializer|regularizer|constraint|trainable|bias)(/.*)?"
              + "|/training/repeat_phases|"
              + TRAINING
              + "(batch_size|seed|shuffle|sample_weight|goal|max_fail|min_gradient|time_limit_seconds"
              + "|class_weights|label_smoothing|gradient_clipping|gradient_accumulation|ema|precision"
              + "|learning_rate_schedule|learning_rates|weight_decay_exclude|diagnostics|penalties"
              + "|monitor|publish|loss_weights|name|metrics/([^/]+/)?\\d+/(mode|average|k))(/.*)?|"
              + TRAINING
              + "early_stopping(/(mode|min_delta|monitor))?"
              + "|"
              + TRAINING
              + "optimizer/(?!type$).*"
              + "|"
              + TRAINING
              + "(loss|losses/[^/]+)/(delta|q|gamma|alpha|beta)");

  /** How many levels of such a pointer name the member that is left out. */
  private static final Pattern WHOLE =
      Pattern.compile(
          "(/resources|/initial_weights|/on_success/when/[^/]+|/model/(inputs|targets)/[^/]+/scale(/[^/]+)?"
              + "|/model/network/layers/\\d+/(\\w*initializer|regularizer|constraint)|"
              + TRAINING
              + "(gradient_clipping|ema|learning_rate_schedule"
              + "|weight_decay_exclude|diagnostics))(/.*)?");

  private static final Pattern CONDITION = Pattern.compile("/dataset/where");
  private static final Pattern NAME = Pattern.compile("/model/name");
  private static final Pattern NUMBERS =
      Pattern.compile(TRAINING + "(epochs|early_stopping/patience)");
  private static final Pattern ROWS = Pattern.compile("/dataset/(name|version)");
  private static final Pattern INPUT = Pattern.compile("(/model/inputs/[^/]+)/(.*)");
  private static final Pattern TARGET =
      Pattern.compile("(/model/targets/[^/]+/(?!columns?$|input$|layer$)[^/]+)(/.*)?");
  private static final Pattern SOURCE = Pattern.compile("/model/targets/[^/]+/columns?");
  private static final Pattern EXPRESSION = Pattern.compile(TRAINING + "metrics/.*/?expression");
  private static final Pattern METRIC = Pattern.compile(TRAINING + "metrics/([^/]+/)?\\d+(/type)?");
  private static final Pattern METRIC_NAME =
      Pattern.compile(TRAINING + "metrics/([^/]+/)?\\d+/name");
  private static final Pattern PHASE =
      Pattern.compile("(/training/phases/\\d+)/(target|output)(/.*)?");
  private static final Pattern SPLIT = Pattern.compile("/dataset/(split|validation_dataset)(/.*)?");
  private static final Pattern LOSS = Pattern.compile(TRAINING + "(loss|losses)(/.*)?");
  private static final Pattern OPTIMIZER = Pattern.compile(TRAINING + "optimizer(/type)?");
  private static final Pattern LAYER = Pattern.compile("(/model/network/layers/\\d+)(/.*)?");

  /** Faults that say that a name is unknown, whatever layers and losses compute. */
  private static final Pattern NAMES =
      Pattern.compile(
          "/dataset/.*|/model/(inputs|targets)/.*|/on_success/.*|"
              + TRAINING
              + "(monitor|early_stopping/monitor|learning_rate_schedule/monitor|learning_rates/.*"
              + "|loss_weights/.*|losses/[^/]+|metrics/.+|class_weights/.*|sample_weight"
              + "|train/\\d+|output|target/.*)");

  /** Faults of what a layer gives, in words. */
  private static final Pattern OF_SHAPE = Pattern.compile("' gives \\[|, but it ends in ");

  /** Faults of what cannot be read: there is no more to say about it. */
  private static final Pattern UNREADABLE =
      Pattern.compile("(An?|One of|true or false) .*was expected, (or .*)?got ");

  private static final Pattern ELEMENT = Pattern.compile("/\\d+");

  /** An entry of a map by column. */
  private static final Pattern ENTRY = Pattern.compile("((scale|impute|encode)/[^/]+)(/.*)?");

  private static final Pattern COLUMN_ENTRY =
      Pattern.compile("(/model/inputs/[^/]+)/(scale|impute|encode)/([^/]+)(/.*)?");

  private static final Pattern COLUMNS = Pattern.compile("/model/(inputs|targets)/.*");

  private final Function<JsonNode, List<Violation>> check;
  private final Map<String, Violation> found = new LinkedHashMap<>();
  private final long start = System.nanoTime();
  private int work;
  private boolean isStopped;

  private RepairedBodies(Function<JsonNode, List<Violation>> check) {
    this.check = check;
  }

  /**
   * As {@link #complete}, for a model object alone.
   *
   * @param faults with pointers into the model object
   */
  public static void completeOfModel(
      JsonNode model, Violations faults, Function<JsonNode, List<Violation>> check) {
    ObjectNode body = JSON.objectNode();
    body.set("model", model);
    Violations inBody = new Violations();
    inBody.addAll(inBody(faults.list()));
    complete(body, inBody, repaired -> inBody(check.apply(repaired.path("model"))));
    faults.replace(
        inBody.list().stream()
            .map(fault -> fault.moved(place -> place.substring(MODEL.length())))
            .toList());
    if (inBody.isPartial()) {
      faults.setPartial();
    }
  }

  private static List<Violation> inBody(List<Violation> ofModel) {
    return ofModel.stream().map(fault -> fault.moved(MODEL::concat)).toList();
  }

  /**
   * Adds the faults that a check of the body has not found, and removes those that are there only
   * because the name of a member is misspelt.
   *
   * @param faults what it has found
   * @param check gives the faults of another body
   */
  static void complete(
      JsonNode body, Violations faults, Function<JsonNode, List<Violation>> check) {
    if (!(body instanceof ObjectNode given)) {
      return;
    }
    if (faults.isFull() || work(given, MOST_WORK) > MOST_WORK) {
      faults.setPartial();
      return;
    }
    RepairedBodies bodies = new RepairedBodies(check);
    MisspeltMembers misspelt = new MisspeltMembers(given);
    List<Violation> first = faults.list();
    while (misspelt.putRight(first)) {
      first = bodies.check(misspelt.body());
      if (bodies.isStopped) {
        faults.setPartial();
        return;
      }
    }
    first.forEach(bodies::add);
    bodies.search(misspelt.body());
    Set<Violation> all = new LinkedHashSet<>(first);
    all.addAll(bodies.found.values());
    faults.replace(
        Stream.concat(
                misspelt.faults().stream(),
                all.stream()
                    .filter(fault -> !follows(fault, all))
                    .map(fault -> fault.moved(misspelt::place)))
            .toList());
    if (bodies.isStopped) {
      faults.setPartial();
    }
  }

  /** Whether a fault may be there only because of another one. */
  private static boolean follows(Violation fault, Set<Violation> all) {
    return all.stream().anyMatch(other -> !other.equals(fault) && mayExplain(other, fault));
  }

  private static boolean mayExplain(Violation other, Violation fault) {
    boolean isUnreadable =
        isAtOrInList(other.pointer(), fault.pointer())
            && UNREADABLE.matcher(other.detail()).lookingAt();
    boolean mayNameUnused = LayerNames.isUnused(fault) && PhaseModel.isUnknownLayer(other);
    return isUnreadable || mayNameUnused;
  }

  private static boolean isAtOrInList(String place, String list) {
    return place.equals(list)
        || (place.startsWith(list + "/")
            && ELEMENT.matcher(place.substring(list.length())).matches());
  }

  /** The faults of a copy; none once all copies together are too much. */
  private List<Violation> check(ObjectNode copy) {
    work += work(copy, MOST_WORK - work);
    isStopped |= work > MOST_WORK || System.nanoTime() - start > MOST_TIME.toNanos();
    return isStopped ? List.of() : check.apply(copy);
  }

  /** What it takes to read a value, counted until there is more than enough. */
  private static int work(JsonNode node, int enough) {
    int work = 1 + (node.isString() ? node.stringValue().length() / CHARACTERS_PER_VALUE : 0);
    for (Map.Entry<String, JsonNode> member : node.properties()) {
      if (work > enough) {
        return work;
      }
      work += member.getKey().length() / CHARACTERS_PER_VALUE;
      work += work(member.getValue(), enough - work);
    }
    for (int i = 0; node.isArray() && i < node.size() && work <= enough; i++) {
      work += work(node.get(i), enough - work);
    }
    return work;
  }

  private boolean add(Violation fault) {
    return found.putIfAbsent(fault.pointer() + " " + fault.detail(), fault) == null;
  }

  private void search(ObjectNode body) {
    ObjectNode safe = body.deepCopy();
    Set<String> repaired = new HashSet<>();
    int before = 0;
    for (int pass = 0; pass < MAX_PASSES && found.size() > before && !isStopped; pass++) {
      before = found.size();
      if (repair(safe, repaired)) {
        check(safe).stream().filter(fault -> isOutside(fault, repaired)).forEach(this::add);
      }
      assume(safe, repaired);
    }
  }

  /** Adds what is a fault with whatever is put in place of the faulty parts. */
  private void assume(ObjectNode safe, Set<String> repaired) {
    List<ObjectNode> others = new ArrayList<>();
    for (int variant = 0; variant < VARIANTS; variant++) {
      ObjectNode other = assumed(safe, repaired, variant);
      if (other != null && !others.contains(other)) {
        others.add(other);
      }
    }
    if (others.isEmpty()) {
      return;
    }
    List<Violation> common = new ArrayList<>(check(others.getFirst()));
    for (ObjectNode other : others.subList(1, others.size())) {
      List<String> places = check(other).stream().map(Violation::pointer).toList();
      common.removeIf(fault -> !places.contains(fault.pointer()));
    }
    for (Violation fault : common) {
      boolean certain =
          (!isAssumed(LAYER, INPUT, TARGET, ROWS) || NAMES.matcher(fault.pointer()).matches())
              && (!isAssumed(LAYER)
                  || !(LayerNames.isUnread(fault) || OF_SHAPE.matcher(fault.detail()).find()))
              && (!isAssumed(LOSS, EXPRESSION, NAME)
                  || !fault.pointer().startsWith("/model/network"))
              && (!isAssumed(CONDITION, ROWS) || isOfAnyRows(fault))
              && (!isAssumed(INPUT) || isOfOther("/model/inputs/", fault) || isOfOtherColumn(fault))
              && (!isAssumed(TARGET) || isOfOther("/model/targets/", fault))
              && (!isAssumed(OPTIMIZER) || !fault.pointer().startsWith("/model/network"))
              && (!isAssumed(PHASE)
                  || !fault.pointer().startsWith("/training/phases/")
                  || PhaseModel.isUnknownLayer(fault)
                  || isOutside(fault, phases()));
      boolean known =
          found.values().stream()
              .map(Violation::pointer)
              .anyMatch(
                  old ->
                      old.equals(fault.pointer())
                          || (SOURCE.matcher(old).matches()
                              && fault.pointer().startsWith(old + "/")));
      if (certain && !known && !fault.pointer().equals("/dataset") && isOutside(fault, repaired)) {
        add(fault);
      }
    }
  }

  /** Whether a fault of all rows is one of those that a condition selects. */
  private static boolean isOfAnyRows(Violation fault) {
    boolean ofType =
        COLUMN_ENTRY.matcher(fault.pointer()).matches() && !fault.pointer().endsWith("/divide");
    return !fault.pointer().startsWith("/model/network")
        && (ofType || !COLUMNS.matcher(fault.pointer()).matches() || UnknownColumn.isIn(fault));
  }

  /** Whether a fault does not depend on inputs, or on targets, that can be read. */
  private static boolean isOfOther(String columns, Violation fault) {
    return !fault.pointer().startsWith("/model/network")
        && (!fault.pointer().startsWith(columns) || UnknownColumn.isIn(fault));
  }

  /**
   * Whether a fault is in the entry of one column in a map by column, of an input whose other
   * faults are in entries of other columns: what is put there does not change it.
   */
  private boolean isOfOtherColumn(Violation fault) {
    var own = COLUMN_ENTRY.matcher(fault.pointer());
    if (!own.matches()) {
      return false;
    }
    for (Violation other : found.values()) {
      var entry = COLUMN_ENTRY.matcher(other.pointer());
      boolean elsewhere =
          !other.pointer().startsWith(own.group(1) + "/")
              || JsonObject.isUnknownMember(other)
              || (entry.matches() && !entry.group(3).equals(own.group(3)));
      if (!elsewhere) {
        return false;
      }
    }
    return true;
  }

  /** Whether one of the faults is at such a place, so that something was put there. */
  private boolean isAssumed(Pattern... places) {
    return found.values().stream()
        .anyMatch(
            fault -> Stream.of(places).anyMatch(place -> place.matcher(fault.pointer()).matches()));
  }

  /** The phases that are assumed to train something else. */
  private Set<String> phases() {
    Set<String> phases = new HashSet<>();
    for (Violation fault : found.values()) {
      var phase = PHASE.matcher(fault.pointer());
      if (phase.matches()) {
        phases.add(phase.group(1));
      }
    }
    return phases;
  }

  private static boolean isOutside(Violation fault, Set<String> repaired) {
    return repaired.stream()
        .noneMatch(
            place -> fault.pointer().equals(place) || fault.pointer().startsWith(place + "/"));
  }

  /** Leaves out what is allowed to be missing; false when nothing is left to repair. */
  private boolean repair(ObjectNode body, Set<String> repaired) {
    boolean any = false;
    for (Violation fault : List.copyOf(found.values())) {
      String pointer = fault.pointer();
      var whole = WHOLE.matcher(pointer);
      if (NUMBERS.matcher(pointer).matches()) {
        any |= repaired.add(pointer) && set(body, pointer, JSON.numberNode(1));
      } else if (JsonObject.isUnknownMember(fault)) {
        any |=
            JsonObject.isUnknownMember(fault, name(pointer))
                ? repaired.add(pointer) && set(body, pointer, null)
                : removeLongNames(body.at(pointer), fault);
      } else if (OPTIONAL.matcher(pointer).matches()) {
        String place = whole.matches() ? whole.group(1) : pointer;
        any |= repaired.add(place) && set(body, place, null);
      }
    }
    return any;
  }

  /** Removes members whose names are too long for pointers: their faults are at their owner. */
  private static boolean removeLongNames(JsonNode owner, Violation fault) {
    List<String> names =
        owner
            .propertyStream()
            .map(Map.Entry::getKey)
            .filter(name -> JsonObject.isVeryLong(name) && JsonObject.isUnknownMember(fault, name))
            .toList();
    if (owner instanceof ObjectNode object) {
      object.remove(names);
    }
    return !names.isEmpty();
  }

  /**
   * A body with other parts in place of faulty ones; null without such.
   *
   * @param variant which of several possible parts are put there
   */
  private @Nullable ObjectNode assumed(ObjectNode safe, Set<String> repaired, int variant) {
    ObjectNode one = safe.deepCopy();
    boolean any = false;
    for (Violation fault : List.copyOf(found.values())) {
      String pointer = fault.pointer();
      var layer = LAYER.matcher(pointer);
      if (!isOutside(fault, repaired)) {
        continue;
      }
      var input = INPUT.matcher(pointer);
      var target = TARGET.matcher(pointer);
      var phase = PHASE.matcher(pointer);
      if (CONDITION.matcher(pointer).matches()) {
        any |= set(one, pointer, null);
      } else if (ROWS.matcher(pointer).matches()) {
        any |= set(one, "/dataset", null);
      } else if (NAME.matcher(pointer).matches()) {
        any |= set(one, pointer, JSON.stringNode("repaired"));
      } else if (METRIC.matcher(pointer).matches()) {
        any |= set(one, pointer.replaceFirst("/type$", ""), METRICS.get(variant));
      } else if (METRIC_NAME.matcher(pointer).matches()) {
        any |= set(one, pointer, JSON.stringNode("repaired"));
      } else if (EXPRESSION.matcher(pointer).matches()) {
        any |= set(one, pointer, JSON.stringNode("abs(y_pred - y_true)"));
      } else if (input.matches()) {
        any |= assumeInput(one, pointer, input.group(1), input.group(2));
      } else if (SOURCE.matcher(pointer).matches()) {
        any |= assumeSource(one, pointer);
      } else if (target.matches()) {
        any |= assumeTarget(one, target.group(1), variant);
      } else if (phase.matches()) {
        any |= set(one, phase.group(1) + "/target", null);
        any |= set(one, phase.group(1) + "/output", null);
      } else if (SPLIT.matcher(pointer).matches()) {
        any |= assumeSplit(one, safe.at("/dataset/split/stratify"), variant);
      } else if (LOSS.matcher(pointer).matches()) {
        any |= assumeLoss(one, pointer, variant);
      } else if (OPTIMIZER.matcher(pointer).matches()) {
        any |= set(one, pointer.replaceFirst("/type$", ""), null);
      } else if (layer.matches()) {
        any |= assumeLayer(one, safe, layer.group(1), variant);
      }
    }
    return any ? one : null;
  }

  /** All rows for training, or rows in each part. */
  private static boolean assumeSplit(ObjectNode body, JsonNode stratify, int variant) {
    ObjectNode split = JSON.objectNode();
    if (variant > 0) {
      split.put("validation", 0.25).put("test", 0.25);
    }
    if (stratify.isString()) {
      split.set("stratify", stratify);
    }
    set(body, "/dataset/validation_dataset", null);
    return set(body, "/dataset/split", split.isEmpty() ? null : split);
  }

  private static boolean assumeTarget(ObjectNode body, String member, int variant) {
    if (!member.endsWith("/type")) {
      return set(body, member, null);
    }
    // A class has no scale.
    set(body, member.replaceFirst("type$", "scale"), null);
    return set(body, member, TYPES.get(variant));
  }

  /** A column that no dataset has: what does not depend on its values can be checked. */
  private static boolean assumeSource(ObjectNode body, String member) {
    JsonNode unknown = JSON.stringNode("?");
    boolean several = member.endsWith("s");
    boolean isRead = several ? body.at(member).isArray() : body.at(member).isString();
    return !isRead && set(body, member, several ? JSON.arrayNode().add(unknown) : unknown);
  }

  /** An input with the same columns, as far as they can be read. */
  private static boolean assumeInput(ObjectNode body, String pointer, String input, String member) {
    if (member.startsWith("columns/") && body.at(input + "/columns") instanceof ArrayNode list) {
      // A fault may be inside the entry of a column of timestamps.
      int index = Integer.parseInt(member.split("/", -1)[1]);
      return index < list.size() && list.remove(index) != null;
    }
    // "*" can be read.
    if (member.equals("columns")
        && body.at(pointer).isString()
        && !body.at(pointer).stringValue().equals("*")) {
      return set(body, pointer, JSON.arrayNode().add(body.at(pointer)));
    }
    if (member.equals("window/length")) {
      return set(body, pointer, JSON.numberNode(1));
    }
    var entry = ENTRY.matcher(member);
    if (entry.matches() && body.at(input + "/" + entry.group(2)).size() > 1) {
      return set(body, input + "/" + entry.group(1), null);
    }
    boolean inside = member.startsWith("window/");
    return !member.startsWith("column")
        && set(body, inside ? pointer : input + "/" + member.replaceFirst("/.*", ""), null);
  }

  private static boolean assumeLoss(ObjectNode body, String pointer, int variant) {
    String place = pointer.replaceFirst("(/losses/[^/]+|/loss)/.*", "$1");
    return set(body, place, JSON.stringNode(LOSSES.get(variant)));
  }

  /** A layer of the same name and inputs, which can be read and has weights. */
  private boolean assumeLayer(ObjectNode body, ObjectNode safe, String place, int variant) {
    JsonNode given = safe.at(place);
    if (given.isMissingNode()) {
      return false;
    }
    int index = Integer.parseInt(name(place));
    String type = given.path("type").asString("");
    ObjectNode layer = JSON.objectNode();
    if (isFaulty(place + "/name")) {
      layer.put("name", unnamed(safe, index));
    } else if (given.path("name").isString()) {
      layer.set("name", given.get("name"));
    } else if (LayerTypes.isKnown(type)) {
      int number = 1;
      for (int i = 0; i < index; i++) {
        JsonNode before = safe.at(LAYERS).path(i);
        number += before.path("type").asString("").equals(type) ? 1 : 0;
      }
      layer.put("name", type + "_" + number);
    } else {
      layer.put("name", unnamed(safe, index));
    }
    if (given.path("inputs").isArray() && !isFaulty(place + "/inputs")) {
      for (int i = 0; i < given.get("inputs").size(); i++) {
        if (!isFaulty(place + "/inputs/" + i)) {
          layer.withArrayProperty("inputs").add(given.get("inputs").get(i));
        }
      }
    }
    if (layer.path("inputs").size() > 1) {
      layer.put("type", "concat");
    } else {
      layer.put("type", "dense").put("units", 1 + variant);
      layer.put("activation", ACTIVATIONS.get(variant));
    }
    return set(body, place, layer);
  }

  private boolean isFaulty(String place) {
    return found.values().stream().anyMatch(fault -> fault.pointer().equals(place));
  }

  /** A name for a layer without a readable one: the first that is used and that no layer has. */
  private static String unnamed(ObjectNode body, int index) {
    Set<String> used = new LinkedHashSet<>();
    Set<String> known = new HashSet<>(body.at("/model/inputs").propertyNames());
    for (JsonNode layer : body.at(LAYERS)) {
      known.add(layer.path("name").asString(""));
      layer.path("inputs").forEach(read -> used.add(read.asString("")));
      used.add(layer.path("share").asString(""));
    }
    body.at("/model/network/outputs").forEach(output -> used.add(output.asString("")));
    for (JsonNode phase : body.at("/training/phases")) {
      phase.path("train").forEach(layer -> used.add(layer.asString("")));
      used.add(phase.path("output").asString(""));
    }
    used.removeAll(known);
    used.remove("");
    return used.stream().findFirst().orElse("repaired_" + index);
  }

  /** The last name of a pointer. */
  private static String name(String pointer) {
    return pointer.substring(pointer.lastIndexOf('/') + 1).replace("~1", "/").replace("~0", "~");
  }

  /**
   * Sets a member, or removes it.
   *
   * @param value null to remove it
   * @return false when there is no such place
   */
  private static boolean set(ObjectNode body, String pointer, @Nullable JsonNode value) {
    int slash = pointer.lastIndexOf('/');
    String name = name(pointer);
    JsonNode owner = slash == 0 ? body : body.at(pointer.substring(0, slash));
    return switch (owner) {
      case ObjectNode object when value == null -> object.remove(name) != null;
      case ObjectNode object -> {
        object.set(name, value);
        yield true;
      }
      case ArrayNode list when value != null -> {
        list.set(Integer.parseInt(name), value);
        yield true;
      }
      default -> false;
    };
  }
}
