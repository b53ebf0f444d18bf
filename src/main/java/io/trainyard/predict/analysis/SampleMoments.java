package io.trainyard.predict.analysis;

import io.trainyard.tensor.HostTensor;
import java.util.Arrays;

/** Welford's running mean and sum of squared differences, for each element. */
final class SampleMoments {
  final HostTensor like;
  final int width;
  final double[] means;
  final double[] squares;
  long samples;

  SampleMoments(HostTensor like, int rows, int width) {
    this.like = like;
    this.width = width;
    means = new double[Math.multiplyExact(rows, width)];
    squares = new double[means.length];
  }

  void add(int row, long number, HostTensor values, long at) {
    samples = Math.max(samples, number);
    for (int i = 0; i < width; i++) {
      int place = row * width + i;
      double x = values.doubleAt(at + i);
      double off = x - means[place];
      means[place] += off / number;
      squares[place] += off * (x - means[place]);
    }
  }

  double[] mean(int row) {
    return Arrays.copyOfRange(means, row * width, (row + 1) * width);
  }

  double[] std(int row) {
    double[] std = new double[width];
    for (int i = 0; i < width; i++) {
      std[i] = Math.sqrt(squares[row * width + i] / samples);
    }
    return std;
  }
}
