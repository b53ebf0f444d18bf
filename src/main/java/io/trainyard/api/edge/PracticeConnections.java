package io.trainyard.api.edge;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Locale;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.stereotype.Component;

/** Connections of this process to its own port, whose requests are practice. */
@Component
public record PracticeConnections(OwnConnections own, ServerProperties server) {
  private static final int TIMEOUT_MILLIS = 10_000;

  /** Whether somebody else who is no probe has sent a request since this was asked last. */
  public boolean takeCallers() {
    return own.takeCallers();
  }

  /** Opens one. */
  public Connection open(int number) throws IOException {
    OwnPort port = OwnPort.of(server);
    Socket socket = new Socket();
    InetSocketAddress here = null;
    try {
      socket.bind(new InetSocketAddress(port.address(), 0));
      here = new InetSocketAddress(port.address(), socket.getLocalPort());
      own.addPractice(here);
      socket.connect(new InetSocketAddress(port.address(), number), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      Socket secured = port.secured(socket, number, new OwnPort.Certificates());
      return new Connection(own, here, secured);
    } catch (IOException | GeneralSecurityException e) {
      if (here != null) {
        own.removePractice(here);
      }
      socket.close();
      throw e instanceof IOException io ? io : new IOException(e);
    }
  }

  /** An open connection, for one thread. */
  public static final class Connection implements AutoCloseable {
    private static final int CHUNKED = -1;

    private final OwnConnections own;
    private final InetSocketAddress here;
    private final Socket socket;
    private final OutputStream out;
    private final InputStream in;
    private boolean open = true;

    private Connection(OwnConnections own, InetSocketAddress here, Socket socket)
        throws IOException {
      this.own = own;
      this.here = here;
      this.socket = socket;
      this.out = socket.getOutputStream();
      this.in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * Sends a request, and reads its whole answer.
     *
     * @param request head and body
     * @return the status
     */
    public int send(byte[] request) throws IOException {
      out.write(request);
      String line = line();
      int status = Integer.parseInt(line.substring(line.indexOf(' ') + 1).substring(0, 3));
      int length = 0;
      for (String header = line(); !header.isEmpty(); header = line()) {
        String lower = header.toLowerCase(Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Integer.parseInt(lower.substring("content-length:".length()).strip());
        } else if (lower.startsWith("transfer-encoding:")) {
          length = CHUNKED;
        } else if (lower.equals("connection: close")) {
          open = false;
        }
      }
      if (length == CHUNKED) {
        while (length != 0) {
          length = Integer.parseInt(line(), 16);
          in.skipNBytes(length);
          var _ = line();
        }
      } else {
        in.skipNBytes(length);
      }
      return status;
    }

    /** Whether the server takes another request; it ends a connection after some. */
    public boolean isOpen() {
      return open;
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new EOFException("the connection ended");
        }
        if (next != '\r') {
          line.append((char) next);
        }
      }
      return line.toString();
    }

    @Override
    public void close() throws IOException {
      own.removePractice(here);
      socket.close();
    }

    /** The head of a request with a body. */
    public static byte[] head(String path, String headers, int length) {
      return "POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: %d\r\n\r\n"
          .formatted(path, headers, length)
          .getBytes(StandardCharsets.ISO_8859_1);
    }
  }
}
