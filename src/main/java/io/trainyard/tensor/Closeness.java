package io.trainyard.tensor;

/**
 * How far two numbers may be from each other to count as equal, in tensors that other kernels or
 * another library computed.
 *
 * @param ofElement the part of the element
 * @param ofLargest the part of the largest finite element: sums of many terms cancel
 * @param floor allowed in any case
 */
public record Closeness(double ofElement, double ofLargest, double floor) {
  /** Where two tensors of one shape differ first; -1 when they are equal. */
  public long firstDifference(HostTensor wanted, HostTensor given) {
    long count = wanted.shape().elements();
    double largest = 0;
    for (long i = 0; i < count; i++) {
      double value = Math.abs(wanted.doubleAt(i));
      largest = Double.isFinite(value) ? Math.max(largest, value) : largest;
    }
    for (long i = 0; i < count; i++) {
      double a = wanted.doubleAt(i);
      double b = given.doubleAt(i);
      boolean equal =
          a == b
              || (Double.isNaN(a) && Double.isNaN(b))
              || (Double.isFinite(a)
                  && Math.abs(a - b) <= ofElement * Math.abs(a) + ofLargest * largest + floor);
      if (!equal) {
        return i;
      }
    }
    return -1;
  }
}
