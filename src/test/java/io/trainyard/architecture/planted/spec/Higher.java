package io.trainyard.architecture.planted.spec;

/** Stands on a higher floor than {@code LooksUp}. */
public class Higher {}
