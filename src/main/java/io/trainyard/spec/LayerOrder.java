package io.trainyard.spec;

import io.trainyard.spec.layer.Layer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * An order in which each layer comes after what it reads, as close to the caller's as possible.
 *
 * @param layers all layers, or those before a cycle
 * @param cycle layers that feed each other, when there are any
 */
record LayerOrder(List<Layer> layers, Optional<List<Layer>> cycle) {

  /** Orders layers whose names are distinct; names of inputs and unknown names wait for nothing. */
  static LayerOrder of(List<Layer> layers) {
    Map<String, Integer> positions = new HashMap<>();
    IntStream.range(0, layers.size()).forEach(i -> positions.putIfAbsent(layers.get(i).name(), i));
    List<List<Integer>> readers = new ArrayList<>();
    layers.forEach(_ -> readers.add(new ArrayList<>()));
    int[] waiting = new int[layers.size()];
    for (int i = 0; i < layers.size(); i++) {
      for (String input : Set.copyOf(layers.get(i).inputs())) {
        Integer source = positions.get(input);
        if (source != null) {
          readers.get(source).add(i);
          waiting[i]++;
        }
      }
    }
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    IntStream.range(0, layers.size()).filter(i -> waiting[i] == 0).forEach(ready::add);
    List<Layer> ordered = new ArrayList<>();
    while (!ready.isEmpty()) {
      int next = ready.remove();
      ordered.add(layers.get(next));
      for (int reader : readers.get(next)) {
        if (--waiting[reader] == 0) {
          ready.add(reader);
        }
      }
    }
    return new LayerOrder(
        ordered,
        ordered.size() == layers.size() ? Optional.empty() : Optional.of(cycle(layers, ordered)));
  }

  /** Walks from a stuck layer to one it waits for until a layer comes twice. */
  private static List<Layer> cycle(List<Layer> layers, List<Layer> ordered) {
    Map<String, Layer> stuck = new LinkedHashMap<>();
    layers.forEach(layer -> stuck.put(layer.name(), layer));
    ordered.forEach(layer -> stuck.remove(layer.name()));
    List<Layer> path = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Layer at = stuck.values().iterator().next();
    while (seen.add(at.name())) {
      path.add(at);
      at =
          at.inputs().stream()
              .filter(stuck::containsKey)
              .map(stuck::get)
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("a stuck layer waits for none"));
    }
    List<Layer> circle = new ArrayList<>(path.subList(path.indexOf(at), path.size()));
    // The path ran against the flow of data.
    return circle.reversed();
  }
}
