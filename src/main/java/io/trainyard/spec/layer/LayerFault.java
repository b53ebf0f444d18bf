package io.trainyard.spec.layer;

/** A refusal with the member of the layer that is to blame. */
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
