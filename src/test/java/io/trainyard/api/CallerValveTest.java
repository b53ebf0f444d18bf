package io.trainyard.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.dataset.CurrentCaller;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CallerValveTest {
  @TempDir Path folder;
  private final Tomcat tomcat = new Tomcat();
  private final CountDownLatch left = new CountDownLatch(1);
  private final CountDownLatch running = new CountDownLatch(1);

  /** Reads its body. At /wait it then ends when its caller leaves, else at once. */
  private final class Waiting extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      int read = request.getInputStream().readAllBytes().length;
      running.countDown();
      if (request.getRequestURI().equals("/wait")) {
        while (!CurrentCaller.hasLeft()) {
          Thread.onSpinWait();
        }
        left.countDown();
      }
      response.getWriter().print(read + " " + CurrentCaller.hasLeft());
    }
  }

  @BeforeEach
  void start() throws LifecycleException {
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "waiting", new Waiting()).addMapping("/*");
    tomcat.getHost().getPipeline().addValve(new CallerValve());
    tomcat.getConnector();
    tomcat.start();
  }

  @AfterEach
  void stop() throws LifecycleException {
    tomcat.stop();
    tomcat.destroy();
  }

  private Socket send(String text) throws IOException {
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), tomcat.getConnector().getLocalPort());
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  private static String post(String path, String framing) {
    return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + framing;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 0\r\n\r\n",
        "Content-Length: 3\r\n\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
      })
  void hangUpIsSeen(String body) throws Exception {
    try (Socket socket = send(post("/wait", body))) {
      running.await();
      assertThat(left.getCount()).isEqualTo(1);
      socket.close();
      left.await();
    }
  }

  /** Two requests in one packet: the bytes of the second are no hang-up. */
  @Test
  void connectionWithMoreBytesIsOpenAndEndsWithTheAnswer() throws Exception {
    String request = post("/", "Content-Length: 3\r\n\r\nabc");
    try (Socket socket = send(request + request);
        BufferedReader answers =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(answers.lines().toList().toString())
          .contains("Connection: close")
          .containsOnlyOnce("3 false");
    }
  }
}
