package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import io.trainyard.spec.layer.ActivationSpec.Function;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads an activation: a name or alias, or an object with its parameter. */
public final class ActivationReader {
  private static final Map<String, Function> FUNCTIONS = new LinkedHashMap<>();

  static {
    for (Function function : Function.values()) {
      FUNCTIONS.put(name(function), function);
    }
    FUNCTIONS.put("purelin", Function.LINEAR);
    FUNCTIONS.put("identity", Function.LINEAR);
    FUNCTIONS.put("hardlim", Function.STEP);
    FUNCTIONS.put("logsig", Function.SIGMOID);
    FUNCTIONS.put("tansig", Function.TANH);
    FUNCTIONS.put("poslin", Function.RELU);
    FUNCTIONS.put("swish", Function.SILU);
  }

  private ActivationReader() {}

  /** The first name of a function. */
  public static String name(Function function) {
    return function.name().toLowerCase(Locale.ROOT);
  }

  /** The activation a member names; the fallback when it is missing or refused. */
  static ActivationSpec read(JsonObject members, String member, ActivationSpec fallback) {
    JsonNode json = members.get(member);
    if (json == null) {
      return fallback;
    }
    if (json.isObject()) {
      JsonObject object = JsonObject.of(json, members.pointer(member), members.violations());
      Function function = function(object, "function");
      ActivationSpec activation =
          function == null ? fallback : withAlpha(ActivationSpec.of(function), object);
      object.finish();
      return activation;
    }
    Function function = function(members, member);
    return function == null ? fallback : ActivationSpec.of(function);
  }

  /** The activation with the object's {@code alpha}, when it has one. */
  static ActivationSpec withAlpha(ActivationSpec activation, JsonObject object) {
    if (!object.has("alpha")) {
      return activation;
    }
    double alpha = object.number("alpha", activation.alpha());
    if (!activation.function().takesAlpha()) {
      object.violate("alpha", "Only leaky_relu and elu have an 'alpha'");
      return activation;
    }
    return new ActivationSpec(activation.function(), alpha);
  }

  private static @Nullable Function function(JsonObject members, String member) {
    String name = members.requiredText(member);
    if (!members.hasText(member)) {
      return null;
    }
    Function function = FUNCTIONS.get(name);
    if (function == null) {
      members.violate(
          member,
          "There is no activation '%s'; there are %s"
              .formatted(JsonObject.shorten(name), String.join(", ", FUNCTIONS.keySet())));
    }
    return function;
  }
}
