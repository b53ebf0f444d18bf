package io.trainyard.spec.layer;

/** A fault of one member of a layer, so that the violation can point to it. */
public final class LayerFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String member;

  LayerFault(String member, String detail) {
    super(detail);
    this.member = member;
  }

  public String member() {
    return member;
  }
}
