package io.trainyard.api.edge;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;

/**
 * The port of this process, as the process itself reaches it.
 *
 * @param address where
 */
record OwnPort(InetAddress address, boolean isTls) {
  static OwnPort of(ServerProperties server) {
    InetAddress bound = server.getAddress();
    Ssl ssl = server.getSsl();
    return new OwnPort(
        bound == null || bound.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : bound,
        ssl != null && ssl.isEnabled());
  }

  /** The connection, with TLS where the port has it. Any certificate is this process's own. */
  Socket secured(Socket connection, int port, Certificates certificates)
      throws IOException, GeneralSecurityException {
    if (!isTls) {
      return connection;
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {certificates}, new TrustManager[] {new Everyone()}, null);
    return context.getSocketFactory().createSocket(connection, "localhost", port, true);
  }

  /** None; and whether the server wants one. It asks after its own part of a handshake. */
  static final class Certificates extends X509ExtendedKeyManager {
    private volatile boolean wanted;

    boolean areWanted() {
      return wanted;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String @Nullable [] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      wanted = true;
      return null;
    }

    @Override
    public String @Nullable [] getClientAliases(
        @Nullable String type, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public String @Nullable [] getServerAliases(
        @Nullable String type, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
        @Nullable String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
      return null;
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
      return null;
    }
  }

  private static final class Everyone implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate @Nullable [] chain, @Nullable String type) {}

    @Override
    public void checkServerTrusted(X509Certificate @Nullable [] chain, @Nullable String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
