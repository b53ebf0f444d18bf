package io.trainyard.job.sweep;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What is wrong with the trials of a sweep, at the place in the sweep's body that is the cause. */
final class SweepFaults {
  /** The trials that are checked at most after one with a fault. */
  private static final int ENOUGH = 20;

  /** More trials than a sweep has. */
  private static final int ALL = 1 << 30;

  private static final String MODEL = "/model";

  private final SweepRequest sweep;
  private final @Nullable String storedModel;
  private final Map<Violation, Found> found = new LinkedHashMap<>();
  private @Nullable ErrorCode code;
  private int trials;

  /**
   * A fault, and where it was found.
   *
   * @param values of the first trial that has it
   * @param ofParameter whether its place is a parameter
   * @param inside the only parameter inside its place, which is the cause unless all trials have
   *     the fault; null: there is none
   */
  private record Found(
      Map<String, JsonNode> values, boolean ofParameter, @Nullable String inside, int count) {
    Found and(int more) {
      return new Found(values, ofParameter, inside, Math.max(more, count + 1));
    }
  }

  /**
   * @param storedModel the name of the model when the job has only that
   */
  SweepFaults(SweepRequest sweep, @Nullable String storedModel) {
    this.sweep = sweep;
    this.storedModel = storedModel;
  }

  /** Counts a trial without a fault. */
  void none() {
    trials++;
  }

  /** Adds the faults of a trial. */
  void add(ServiceException refused, Map<String, JsonNode> values) {
    trials++;
    add(refused, values, 1);
  }

  /** Adds faults of the last training, which do not depend on the trial that it trains. */
  void addOfLast(ServiceException refused, Map<String, JsonNode> values) {
    add(refused, values, ALL);
  }

  private void add(ServiceException refused, Map<String, JsonNode> values, int count) {
    if (refused.violations().isEmpty()) {
      throw refused;
    }
    code = code == null ? refused.code() : code;
    for (Violation violation : refused.violations()) {
      String parameter = parameter(violation.pointer());
      Violation placed =
          parameter == null ? inJob(violation) : inParameter(violation, parameter, values);
      String inside = parameter == null ? inside(violation.pointer()) : null;
      found.merge(
          placed,
          new Found(values, parameter != null, inside, count),
          (before, more) -> before.and(more.count()));
    }
  }

  boolean areEnough() {
    return !found.isEmpty() && trials >= ENOUGH;
  }

  private @Nullable String parameter(String pointer) {
    return sweep.parameters().keySet().stream()
        .filter(each -> pointer.equals(each) || pointer.startsWith(each + "/"))
        .findFirst()
        .orElse(null);
  }

  private @Nullable String inside(String pointer) {
    List<String> all =
        sweep.parameters().keySet().stream()
            .filter(each -> !pointer.isEmpty() && each.startsWith(pointer + "/"))
            .toList();
    return all.size() == 1 ? all.getFirst() : null;
  }

  /** The place of a value of a parameter. */
  private String place(String pointer, Map<String, JsonNode> values) {
    String at = Violation.pointer("/parameters", pointer);
    return sweep.parameters().get(pointer) instanceof SweepParameter.Values listed
        ? Violation.pointer(at, listed.values().indexOf(values.get(pointer)))
        : at;
  }

  private Violation inParameter(Violation violation, String pointer, Map<String, JsonNode> values) {
    String place = place(pointer, values);
    return violation.moved(each -> place + each.substring(pointer.length()));
  }

  private Violation inJob(Violation violation) {
    String pointer = violation.pointer();
    if (pointer.equals("/training/monitor")) {
      boolean validates = sweep.folds() > 0 || !sweep.objective().startsWith("val_");
      return new Violation(
          "/objective",
          violation.detail() + (validates ? "" : ", or a \"cross_validation\": 5 to the sweep"));
    }
    if (sweep.ensemble() > 0 && pointer.startsWith("/training/ensemble")) {
      return violation.at("/ensemble");
    }
    if (sweep.folds() > 0 && pointer.startsWith("/dataset/split/fold")) {
      return violation.at("/cross_validation");
    }
    if (storedModel != null && pointer.startsWith(MODEL + "/")) {
      return new Violation(
          "/job" + MODEL,
          "At %s of model '%s': %s"
              .formatted(
                  pointer.substring(MODEL.length()),
                  JsonObject.shorten(storedModel),
                  violation.detail()));
    }
    return violation.moved(each -> "/job" + each);
  }

  /** Throws all faults, if there are any. */
  void throwIfAny() {
    Violations violations = new Violations();
    found.forEach(
        (violation, where) -> {
          boolean ofSome = !where.ofParameter() && where.count() < trials;
          String inside = where.inside();
          if (ofSome && inside != null) {
            violations.add(violation.at(place(inside, where.values())));
          } else {
            violations.add(
                ofSome ? violation.told(violation.detail() + with(where.values())) : violation);
          }
        });
    violations.throwIfAny(code == null ? ErrorCode.INVALID_BODY : code);
  }

  /** The values with which the job has a fault that it does not have with others. */
  private static String with(Map<String, JsonNode> values) {
    StringBuilder text = new StringBuilder();
    values.forEach(
        (pointer, value) ->
            text.append(text.isEmpty() ? " (with " : ", ")
                .append(pointer)
                .append(" = ")
                .append(JsonObject.shorten(value.toString())));
    return text.append(')').toString();
  }
}
