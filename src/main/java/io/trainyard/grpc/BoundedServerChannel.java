package io.trainyard.grpc;

import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.trainyard.access.FairSlots;
import io.trainyard.access.RefusedConnections;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** Closes connections beyond the limit at once, before they hold anything. */
final class BoundedServerChannel extends NioServerSocketChannel {
  private final FairSlots places;
  private final RefusedConnections refused;

  BoundedServerChannel(FairSlots places, RefusedConnections refused) {
    this.places = places;
    this.refused = refused;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    int before = accepted.size();
    int read = super.doReadMessages(accepted);
    for (int i = accepted.size() - 1; i >= before; i--) {
      if (accepted.get(i) instanceof SocketChannel connection) {
        InetSocketAddress peer = connection.remoteAddress();
        InetAddress address = peer == null ? null : peer.getAddress();
        FairSlots.Place place = places.take(address);
        if (place == null) {
          refused.add(address);
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
