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
 * The layers in an order in which each comes after the layers it reads (Kahn's algorithm). Among
 * the layers that are ready, the one that the caller listed first comes first.
 *
 * @param layers all layers, or those that do not depend on a cycle
 * @param cycle one cycle of layers, in the order of data flow, if there is any
 */
record LayerOrder(List<Layer> layers, Optional<List<Layer>> cycle) {

  /** Orders layers with distinct names. Inputs and unknown names count as ready. */
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

  /** Walks backwards from an unordered layer until a layer is met twice. */
  private static List<Layer> cycle(List<Layer> layers, List<Layer> ordered) {
    Map<String, Layer> unordered = new LinkedHashMap<>();
    layers.forEach(layer -> unordered.put(layer.name(), layer));
    ordered.forEach(layer -> unordered.remove(layer.name()));
    List<Layer> path = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Layer at = unordered.values().iterator().next();
    while (seen.add(at.name())) {
      path.add(at);
      at =
          at.inputs().stream()
              .filter(unordered::containsKey)
              .map(unordered::get)
              .findFirst()
              .orElseThrow(
                  () -> new IllegalStateException("an unordered layer depends on no other"));
    }
    List<Layer> cycle = new ArrayList<>(path.subList(path.indexOf(at), path.size()));
    // The path runs from readers to what they read.
    return cycle.reversed();
  }
}
