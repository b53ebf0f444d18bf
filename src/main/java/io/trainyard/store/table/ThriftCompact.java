package io.trainyard.store.table;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes structures in Thrift's compact protocol, as in the headers and the footer of Parquet
 * files: fields by increasing number, each as the distance from the one before and a type.
 */
final class ThriftCompact {
  static final int INT = 5;
  static final int TEXT = 8;
  static final int STRUCT = 12;
  private static final int LONG = 6;
  private static final int LIST = 9;

  /** Lists with this many elements or more have a separate length. */
  private static final int LONG_LIST = 15;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Deque<Integer> outer = new ArrayDeque<>();
  private int last;

  private void field(int number, int type) {
    bytes.write(((number - last) << 4) | type);
    last = number;
  }

  /** An integer without sign in groups of 7 bits, the lowest first. */
  void varint(long number) {
    long left = number;
    while ((left & ~0x7FL) != 0) {
      bytes.write((int) ((left & 0x7F) | 0x80));
      left >>>= 7;
    }
    bytes.write((int) left);
  }

  private void signed(long number) {
    varint((number << 1) ^ (number >> 63));
  }

  void intField(int number, int element) {
    field(number, INT);
    signed(element);
  }

  void longField(int number, long element) {
    field(number, LONG);
    signed(element);
  }

  void textField(int number, String text) {
    field(number, TEXT);
    text(text);
  }

  /** Starts a list, whose elements follow. */
  void listField(int number, int type, int size) {
    field(number, LIST);
    if (size < LONG_LIST) {
      bytes.write((size << 4) | type);
    } else {
      bytes.write((LONG_LIST << 4) | type);
      varint(size);
    }
  }

  void intElement(int element) {
    signed(element);
  }

  void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    varint(utf8.length);
    bytes.writeBytes(utf8);
  }

  void beginStructField(int number) {
    field(number, STRUCT);
    beginStruct();
  }

  /** Starts an element of a list of structures. */
  void beginStruct() {
    outer.push(last);
    last = 0;
  }

  void endStruct() {
    bytes.write(0);
    last = outer.pop();
  }

  /** All bytes since the last call. */
  byte[] take() {
    byte[] taken = bytes.toByteArray();
    bytes.reset();
    return taken;
  }
}
