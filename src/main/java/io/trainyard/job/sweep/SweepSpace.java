package io.trainyard.job.sweep;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;

/** The trials of a sweep: a grid in the order of its lists, or values drawn with a seed. */
record SweepSpace(Map<String, SweepParameter> parameters) {
  SweepSpace {
    parameters = new LinkedHashMap<>(parameters);
  }

  /** The combinations of a grid; {@code Long.MAX_VALUE} when there are more. */
  long gridSize() {
    long size = 1;
    for (SweepParameter parameter : parameters.values()) {
      int values = parameter instanceof SweepParameter.Values listed ? listed.values().size() : 1;
      size = size > Integer.MAX_VALUE ? Long.MAX_VALUE : size * values;
    }
    return size;
  }

  /** Every combination of the listed values; the last parameter changes fastest. */
  List<Map<String, JsonNode>> grid() {
    List<Map<String, JsonNode>> trials = new ArrayList<>();
    trials.add(new LinkedHashMap<>());
    for (Map.Entry<String, SweepParameter> parameter : parameters.entrySet()) {
      List<Map<String, JsonNode>> longer = new ArrayList<>();
      for (Map<String, JsonNode> trial : trials) {
        for (JsonNode value : ((SweepParameter.Values) parameter.getValue()).values()) {
          Map<String, JsonNode> extended = new LinkedHashMap<>(trial);
          extended.put(parameter.getKey(), value);
          longer.add(extended);
        }
      }
      trials = longer;
    }
    return trials;
  }

  List<Map<String, JsonNode>> drawn(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Map<String, JsonNode>> trials = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map<String, JsonNode> trial = new LinkedHashMap<>();
      parameters.forEach((pointer, parameter) -> trial.put(pointer, parameter.draw(random)));
      trials.add(trial);
    }
    return trials;
  }
}
