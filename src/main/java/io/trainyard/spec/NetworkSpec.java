package io.trainyard.spec;

import io.trainyard.spec.layer.EmbeddingSpec;
import io.trainyard.spec.layer.Layer;
import io.trainyard.spec.layer.LayerSpec;
import io.trainyard.spec.layer.NestedSpec;
import io.trainyard.spec.layer.TabularSpec;
import io.trainyard.tensor.ElementType;
import io.trainyard.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph of layers with all defaults filled in. Each layer has a name, names its inputs and comes
 * after the layers it reads.
 *
 * @param inputs shapes of raw-tensor inputs by name, without the batch axis; empty for a model of
 *     columns, whose encoding decides the shapes
 * @param inputNames the names of all inputs, raw tensors or not, in order
 * @param outputs the names of the layers that are outputs of the network
 */
public record NetworkSpec(
    Map<String, Shape> inputs, List<String> inputNames, List<Layer> layers, List<String> outputs) {
  public NetworkSpec {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    inputNames = List.copyOf(inputNames);
    layers = List.copyOf(layers);
    outputs = List.copyOf(outputs);
  }

  /** The row shape of a raw-tensor input. */
  public Shape input(String name) {
    Shape shape = inputs.get(name);
    if (shape == null) {
      throw new IllegalArgumentException("there is no raw-tensor input '" + name + "'");
    }
    return shape;
  }

  /**
   * Whether an input holds indices: whole numbers that only embeddings read, directly or behind
   * layers that only move them. Such an input is INT64, any other FLOAT32.
   */
  public boolean readsIndices(String input) {
    Set<String> moved = new HashSet<>(Set.of(input));
    boolean lookedUp = false;
    for (Layer layer : layers) {
      if (layer.inputs().stream().noneMatch(moved::contains)) {
        continue;
      }
      if (layer.spec() instanceof EmbeddingSpec || isForeignIndex(layer, moved)) {
        lookedUp = true;
      } else if (layer.spec().movesElements() && moved.containsAll(layer.inputs())) {
        moved.add(layer.name());
      } else {
        return false;
      }
    }
    return lookedUp && outputs.stream().noneMatch(moved::contains);
  }

  /** Whether a foreign network reads one of these values as whole numbers. */
  private static boolean isForeignIndex(Layer layer, Set<String> values) {
    return layer.spec() instanceof LayerSpec.Foreign foreign
        && foreign.indices().stream().anyMatch(values::contains);
  }

  /** Whether an imported file reads an input as truth values. */
  public boolean readsTruths(String input) {
    return layers.stream()
        .anyMatch(
            layer ->
                layer.spec() instanceof LayerSpec.Foreign foreign
                    && foreign.truths().contains(input));
  }

  /** Whether it is the network of an imported file, which is not made of layers. */
  public boolean isForeign() {
    return layers.stream().anyMatch(layer -> layer.spec() instanceof LayerSpec.Foreign);
  }

  /** Which rows an imported file computes at once; null for one of a release that did not look. */
  public LayerSpec.Foreign.@Nullable Together foreignTogether() {
    LayerSpec.Foreign.Together most = null;
    for (Layer layer : layers) {
      if (layer.spec() instanceof LayerSpec.Foreign foreign && foreign.together() != null) {
        most = foreign.together();
      }
    }
    return most;
  }

  /** The type of the numbers that a layer gives. */
  public ElementType elementOf(String layer) {
    return computing(layer).spec() instanceof LayerSpec.Foreign foreign
        ? foreign.element()
        : ElementType.FLOAT32;
  }

  /**
   * The embeddings that look up every element of an input, directly or behind layers that only move
   * them.
   */
  public List<Layer> embeddingsOf(String input) {
    Set<String> moved = new HashSet<>(Set.of(input));
    List<Layer> embeddings = new ArrayList<>();
    for (Layer layer : layers) {
      if (layer.inputs().stream().anyMatch(moved::contains)) {
        if (layer.spec() instanceof EmbeddingSpec) {
          embeddings.add(layer);
        } else if (layer.spec().movesElements() && !layer.spec().dropsElements()) {
          moved.add(layer.name());
        }
      }
    }
    return embeddings;
  }

  /** Whether some path leads from an input to an embedding, which takes whole numbers only. */
  public boolean leadsToEmbedding(String input) {
    Set<String> behind = new HashSet<>(Set.of(input));
    for (Layer layer : layers) {
      if (layer.inputs().stream().anyMatch(behind::contains)) {
        if (layer.spec() instanceof EmbeddingSpec) {
          return true;
        }
        behind.add(layer.name());
      }
    }
    return false;
  }

  /**
   * The layer that computes a value: the layer of that name, or the one behind the ends of nested
   * models and ensembles, which return what they get. An ensemble may get an input.
   */
  public Layer computing(String name) {
    Layer layer = layer(name);
    while (layer.spec() instanceof NestedSpec.Exit
        || NetworkMembers.isMean(layer)
        || (layer.spec() instanceof TabularSpec.AverageMembers
            && !inputNames.contains(layer.inputs().getFirst()))) {
      layer = layer(layer.inputs().getFirst());
    }
    return layer;
  }

  /**
   * Whether an output is a mean of members, inside a layer or of an ensemble; a mean of
   * probabilities has no logits.
   */
  public boolean isMean(String name) {
    Layer layer = layer(name);
    while (layer.spec() instanceof NestedSpec.Exit) {
      layer = layer(layer.inputs().getFirst());
    }
    return NetworkMembers.isMean(layer) || layer.spec() instanceof TabularSpec.AverageMembers;
  }

  /** The value whose members an output averages; empty for other outputs. */
  public Optional<String> members(String name) {
    Layer layer = layer(name);
    while (layer.spec() instanceof NestedSpec.Exit) {
      layer = layer(layer.inputs().getFirst());
    }
    return layer.spec() instanceof TabularSpec.AverageMembers
        ? Optional.of(layer.inputs().getFirst())
        : Optional.empty();
  }

  /** The same network with the vocabularies of some embeddings, by layer. */
  public NetworkSpec withVocabularies(Map<String, Integer> vocabularies) {
    if (vocabularies.isEmpty()) {
      return this;
    }
    List<Layer> known = new ArrayList<>();
    for (Layer layer : layers) {
      Integer vocabulary = vocabularies.get(layer.name());
      known.add(
          vocabulary != null && layer.spec() instanceof EmbeddingSpec embedding
              ? layer.with(embedding.withVocabulary(vocabulary))
              : layer);
    }
    return new NetworkSpec(inputs, inputNames, known, outputs);
  }

  /** The embeddings whose vocabulary follows the encoding. */
  public List<Layer> openEmbeddings() {
    return layers.stream()
        .filter(layer -> layer.spec() instanceof EmbeddingSpec embedding && embedding.isAuto())
        .toList();
  }

  /** The layer of that name. */
  public Layer layer(String name) {
    return layers.stream()
        .filter(layer -> layer.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no layer '" + name + "'"));
  }
}
