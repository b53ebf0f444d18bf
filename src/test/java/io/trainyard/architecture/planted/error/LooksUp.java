package io.trainyard.architecture.planted.error;

import io.trainyard.architecture.planted.spec.Higher;

/** Breaks the floors on purpose: the rule must find it. */
class LooksUp {
  Higher higher = new Higher();
}
