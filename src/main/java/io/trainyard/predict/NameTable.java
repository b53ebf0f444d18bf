package io.trainyard.predict;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Finds names by their bytes in a body, without making strings of them. */
final class NameTable {
  private final byte[][] names;

  /** Places of names plus one, by hash; 0 is empty. At most half of them are used. */
  private final int[] places;

  NameTable(List<String> names) {
    this.names =
        names.stream().map(name -> name.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    this.places = new int[Integer.highestOneBit(Math.max(2, 4 * names.size()))];
    for (int i = this.names.length - 1; i >= 0; i--) {
      byte[] name = this.names[i];
      int slot = hash(name, 0, name.length) & (places.length - 1);
      while (places[slot] != 0) {
        slot = (slot + 1) & (places.length - 1);
      }
      places[slot] = i + 1;
    }
  }

  /** The place of the name in these bytes, or −1. */
  int find(byte[] bytes, int from, int to) {
    int slot = hash(bytes, from, to) & (places.length - 1);
    while (places[slot] != 0) {
      if (is(places[slot] - 1, bytes, from, to)) {
        return places[slot] - 1;
      }
      slot = (slot + 1) & (places.length - 1);
    }
    return -1;
  }

  /** Whether these bytes are the name at a place. */
  boolean is(int place, byte[] bytes, int from, int to) {
    byte[] name = names[place];
    return Arrays.equals(name, 0, name.length, bytes, from, to);
  }

  private static int hash(byte[] bytes, int from, int to) {
    int hash = 1;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash ^ (hash >>> 15);
  }
}
