package io.trainyard.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/**
 * Refuses a call with too much metadata. The server by itself would end its connection, and with it
 * all other calls there.
 */
record MetadataLimit(int most) implements ServerInterceptor {
  /** What HTTP/2 counts for an entry beside its name and its text. */
  private static final int ENTRY = 32;

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    long size = size(headers);
    if (size <= most) {
      return next.startCall(call, headers);
    }
    call.close(
        Status.RESOURCE_EXHAUSTED.withDescription(
            "The metadata of a call may have %d bytes, had %d; send less of it"
                .formatted(most, size)),
        new Metadata());
    return new ServerCall.Listener<>() {};
  }

  private static long size(Metadata headers) {
    long size = 0;
    for (String name : headers.keys()) {
      if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        Iterable<byte[]> all =
            headers.getAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER));
        if (all != null) {
          for (byte[] each : all) {
            size += name.length() + each.length + ENTRY;
          }
        }
      } else {
        Iterable<String> all =
            headers.getAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
        if (all != null) {
          for (String each : all) {
            size += name.length() + each.length() + ENTRY;
          }
        }
      }
    }
    return size;
  }
}
