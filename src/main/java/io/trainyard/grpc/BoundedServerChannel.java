package io.trainyard.grpc;

import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.trainyard.access.Places;
import java.util.List;

/** Closes connections beyond the limit at once, before they hold anything. */
final class BoundedServerChannel extends NioServerSocketChannel {
  private final Places places;

  BoundedServerChannel(Places places) {
    this.places = places;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    int before = accepted.size();
    int read = super.doReadMessages(accepted);
    for (int i = accepted.size() - 1; i >= before; i--) {
      if (accepted.get(i) instanceof SocketChannel connection) {
        Places.Place place =
            places.take(
                connection.remoteAddress() == null
                    ? null
                    : connection.remoteAddress().getAddress());
        if (place == null) {
          connection.unsafe().closeForcibly();
          accepted.remove(i);
          read--;
        } else {
          connection.closeFuture().addListener(_ -> place.close());
        }
      }
    }
    return read;
  }
}
