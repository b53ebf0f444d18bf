package io.trainyard.store.table;

import io.trainyard.dataset.ColumnProfile;
import io.trainyard.store.profile.Moments;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Profiles a column of tensors while it is written: over all elements of all rows. */
final class TensorStatistics {
  private final long[] counts = new long[256];
  private final Moments moments = new Moments();
  private long nulls;
  private long smallest = Long.MAX_VALUE;
  private long largest = Long.MIN_VALUE;
  private double smallestNumber = Double.POSITIVE_INFINITY;
  private double largestNumber = Double.NEGATIVE_INFINITY;

  void addMissing() {
    nulls++;
  }

  void add(byte[] elements, int from, int width) {
    for (int i = from; i < from + width; i++) {
      counts[elements[i] & 0xff]++;
    }
  }

  void add(long[] elements, int from, int width) {
    double[] block = new double[width];
    long[] wholes = new long[width];
    for (int i = 0; i < width; i++) {
      long element = elements[from + i];
      smallest = Math.min(smallest, element);
      largest = Math.max(largest, element);
      wholes[i] = element;
      block[i] = element;
    }
    moments.add(wholes, block, width);
  }

  void add(double[] elements, int from, int width) {
    double[] block = new double[width];
    for (int i = 0; i < width; i++) {
      // Both zeros are one value.
      double element = elements[from + i] + 0.0;
      smallestNumber = Math.min(smallestNumber, element);
      largestNumber = Math.max(largestNumber, element);
      block[i] = element;
    }
    moments.add(block, width);
  }

  ColumnProfile profile() {
    for (int element = 0; element < counts.length; element++) {
      if (counts[element] > 0) {
        moments.add(element, counts[element]);
        smallest = Math.min(smallest, element);
        largest = Math.max(largest, element);
        counts[element] = 0;
      }
    }
    boolean any = smallest <= largest || smallestNumber <= largestNumber;
    return new ColumnProfile(
        nulls,
        0,
        extreme(smallest, smallestNumber),
        extreme(largest, largestNumber),
        any ? moments.mean() : null,
        any ? moments.std() : null,
        null,
        List.of(),
        List.of(),
        null);
  }

  private @Nullable Object extreme(long whole, double number) {
    return smallest <= largest
        ? (Object) whole
        : smallestNumber <= largestNumber ? (Object) number : null;
  }
}
