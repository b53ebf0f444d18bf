package io.trainyard.onnx.format;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the lists of tree ensembles must be to each other: ONNX Runtime follows them as they are.
 * Nodes may share a child, as converters write the membership in a set; a way back to a node would
 * have no end.
 */
final class TreeRules {
  /** ONNX Runtime reads a tree by recursion, on the stack of the thread that loads it. */
  private static final int MOST_DEPTH = 4_000;

  /** Where the file does not say how many columns a row has; ONNX Runtime compares it then. */
  private static final long MOST_COLUMNS = Integer.MAX_VALUE;

  private static final int NONE = -1;

  private TreeRules() {}

  /**
   * TreeEnsembleClassifier and TreeEnsembleRegressor.
   *
   * @param columns of a row; −1 when unknown
   * @param leaf "class" or "target", with which the lists of leaves begin
   * @param outputs how many classes or targets there are
   */
  static void classic(Node node, long columns, String leaf, long outputs, Consumer<String> fault) {
    long[] ids = node.integers("nodes_nodeids");
    int count = ids.length;
    for (String attribute : List.of("nodes_treeids", "nodes_featureids", "nodes_modes")) {
      if (!hasLength(node, attribute, count, fault)) {
        return;
      }
    }
    for (String attribute : List.of("nodes_truenodeids", "nodes_falsenodeids")) {
      if (!hasLength(node, attribute, count, fault)) {
        return;
      }
    }
    String values = node.has("nodes_values_as_tensor") ? "nodes_values_as_tensor" : "nodes_values";
    if (!hasLength(node, values, count, fault)) {
      return;
    }
    optional(node, "nodes_hitrates", count, fault);
    optional(node, "nodes_hitrates_as_tensor", count, fault);
    optional(node, "nodes_missing_value_tracks_true", count, fault);
    features(node, columns, fault);
    long[] trees = node.integers("nodes_treeids");
    Places places = Places.of(trees, ids);
    if (places == null) {
      fault.accept("two nodes of one id in a tree, or an id that is not from 0 to 2³¹ − 1");
      return;
    }
    List<String> modes = node.texts("nodes_modes");
    int[][] children = {
      children(places, trees, node.integers("nodes_truenodeids"), modes),
      children(places, trees, node.integers("nodes_falsenodeids"), modes)
    };
    for (int[] side : children) {
      for (int i = 0; i < count; i++) {
        if (side[i] == NONE && isBranch(modes.get(i))) {
          fault.accept("a node %d whose child is no node of its tree".formatted(ids[i]));
          return;
        }
      }
    }
    depth(children, fault);
    leaves(node, leaf, outputs, places, fault);
  }

  private static boolean isBranch(String mode) {
    return !mode.equals("LEAF");
  }

  private static int[] children(Places places, long[] trees, long[] ids, List<String> modes) {
    int[] children = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      children[i] = isBranch(modes.get(i)) ? places.find(trees[i], ids[i]) : NONE;
    }
    return children;
  }

  private static void leaves(
      Node node, String leaf, long outputs, Places places, Consumer<String> fault) {
    long[] trees = node.integers(leaf + "_treeids");
    long[] nodes = node.integers(leaf + "_nodeids");
    long[] ids = node.integers(leaf + "_ids");
    String weights = leaf + "_weights";
    if (node.has(weights + "_as_tensor")) {
      weights += "_as_tensor";
    }
    if (nodes.length != trees.length
        || ids.length != trees.length
        || node.count(weights) != trees.length) {
      fault.accept("lists of different lengths for its leaves");
      return;
    }
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= outputs) {
        fault.accept("%s_ids %d of %d".formatted(leaf, ids[i], outputs));
        return;
      }
      if (places.find(trees[i], nodes[i]) == NONE) {
        fault.accept("a leaf %d that is no node of its tree".formatted(nodes[i]));
        return;
      }
    }
    for (String base : List.of("base_values", "base_values_as_tensor")) {
      int given = node.count(base);
      if (given > 1 && given != outputs) {
        fault.accept("%d numbers in %s for %d outputs".formatted(given, base, outputs));
      }
    }
  }

  /** TreeEnsemble, whose lists point to places. */
  static void flat(Node node, long columns, Consumer<String> fault) {
    int count = node.integers("nodes_featureids").length;
    for (String attribute :
        List.of(
            "nodes_modes",
            "nodes_splits",
            "nodes_truenodeids",
            "nodes_falsenodeids",
            "nodes_trueleafs",
            "nodes_falseleafs")) {
      if (!hasLength(node, attribute, count, fault)) {
        return;
      }
    }
    optional(node, "nodes_hitrates", count, fault);
    optional(node, "nodes_missing_value_tracks_true", count, fault);
    features(node, columns, fault);
    long[] targets = node.integers("leaf_targetids");
    if (!hasLength(node, "leaf_weights", targets.length, fault)) {
      return;
    }
    long outputs = node.integer("n_targets", 1);
    boolean fits =
        within(targets, outputs, "leaf_targetids", fault)
            && within(node.integers("tree_roots"), count, "tree_roots", fault);
    int[][] children = new int[2][count];
    String[] sides = {"true", "false"};
    for (int side = 0; side < 2 && fits; side++) {
      long[] ids = node.integers("nodes_" + sides[side] + "nodeids");
      long[] leaves = node.integers("nodes_" + sides[side] + "leafs");
      for (int i = 0; i < count && fits; i++) {
        boolean isLeaf = leaves[i] != 0;
        fits =
            within(
                new long[] {ids[i]},
                isLeaf ? targets.length : count,
                "nodes_" + sides[side] + "nodeids",
                fault);
        children[side][i] = isLeaf || !fits ? NONE : (int) ids[i];
      }
    }
    if (fits) {
      depth(children, fault);
    }
  }

  private static boolean within(long[] ids, long count, String attribute, Consumer<String> fault) {
    for (long id : ids) {
      if (id < 0 || id >= count) {
        fault.accept("%s %d of %d".formatted(attribute, id, count));
        return false;
      }
    }
    return true;
  }

  private static boolean hasLength(Node node, String attribute, int count, Consumer<String> fault) {
    int given = node.count(attribute);
    if (given != count) {
      fault.accept("%d entries in %s for %d".formatted(given, attribute, count));
    }
    return given == count;
  }

  private static void optional(Node node, String attribute, int count, Consumer<String> fault) {
    if (node.count(attribute) > 0) {
      var _ = hasLength(node, attribute, count, fault);
    }
  }

  private static void features(Node node, long columns, Consumer<String> fault) {
    long end = columns < 0 ? MOST_COLUMNS : columns;
    for (long id : node.integers("nodes_featureids")) {
      if (id < 0 || id >= end) {
        fault.accept(
            "nodes_featureids %d, but a row has %s"
                .formatted(id, columns < 0 ? "no such column" : columns + " columns"));
        return;
      }
    }
  }

  /** Follows all nodes from those without a parent; those never reached lie on a way back. */
  private static void depth(int[][] children, Consumer<String> fault) {
    int count = children[0].length;
    int[] parents = new int[count];
    for (int[] side : children) {
      for (int child : side) {
        if (child != NONE) {
          parents[child]++;
        }
      }
    }
    int[] queue = new int[count];
    int[] depth = new int[count];
    int end = 0;
    for (int i = 0; i < count; i++) {
      if (parents[i] == 0) {
        queue[end++] = i;
      }
    }
    int deepest = 0;
    for (int at = 0; at < end; at++) {
      int parent = queue[at];
      deepest = Math.max(deepest, depth[parent]);
      for (int[] side : children) {
        int child = side[parent];
        if (child != NONE) {
          depth[child] = Math.max(depth[child], depth[parent] + 1);
          if (--parents[child] == 0) {
            queue[end++] = child;
          }
        }
      }
    }
    if (end < count) {
      fault.accept("a tree whose nodes lead back to each other");
    } else if (deepest > MOST_DEPTH) {
      fault.accept("a tree of depth %d; at most %d is possible".formatted(deepest, MOST_DEPTH));
    }
  }

  /** The places of nodes by the ids of tree and node: a hash table without objects. */
  private static final class Places {
    private final long[] keys;
    private final int[] places;
    private final int mask;

    private Places(int count) {
      int size = Math.max(2, Integer.highestOneBit(Math.max(1, count)) * 4);
      keys = new long[size];
      places = new int[size];
      mask = size - 1;
      Arrays.fill(places, NONE);
    }

    /** Null when an id is out of range, or there twice. */
    static @Nullable Places of(long[] trees, long[] ids) {
      Places all = new Places(ids.length);
      for (int i = 0; i < ids.length; i++) {
        if (!isId(trees[i]) || !isId(ids[i]) || !all.put(key(trees[i], ids[i]), i)) {
          return null;
        }
      }
      return all;
    }

    private static boolean isId(long id) {
      return id >= 0 && id <= Integer.MAX_VALUE;
    }

    private static long key(long tree, long id) {
      return (tree << 32) | id;
    }

    private static int hash(long key) {
      long mixed = key * 0x9E3779B97F4A7C15L;
      return (int) (mixed >>> 32);
    }

    private boolean put(long key, int place) {
      int slot = hash(key) & mask;
      while (places[slot] != NONE) {
        if (keys[slot] == key) {
          return false;
        }
        slot = (slot + 1) & mask;
      }
      keys[slot] = key;
      places[slot] = place;
      return true;
    }

    int find(long tree, long id) {
      if (!isId(tree) || !isId(id)) {
        return NONE;
      }
      long key = key(tree, id);
      for (int slot = hash(key) & mask; places[slot] != NONE; slot = (slot + 1) & mask) {
        if (keys[slot] == key) {
          return places[slot];
        }
      }
      return NONE;
    }
  }
}
