package io.trainyard.api.multipart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.util.unit.DataSize;

/** A body needs its room once, however many layers read it. */
class SpoolFolderTest {
  private long free = 100;

  private final SpoolFolder spool =
      new SpoolFolder(
          Path.of("unused"),
          DataSize.ofBytes(1000),
          new SpoolFolder.Reserve() {
            @Override
            public OutputStream guard(OutputStream out) {
              return out;
            }

            @Override
            public void require(long bytes) throws IOException {
              if (bytes > free) {
                throw new IOException("no room");
              }
            }
          });

  private static MockHttpServletRequest request(int bytes) {
    MockHttpServletRequest request = new MockHttpServletRequest("POST", "/v1/datasets");
    request.setContent(new byte[bytes]);
    return request;
  }

  @Test
  void bodyThatIsStoredNeedsNoMoreRoom() throws IOException {
    MockHttpServletRequest request = request(60);
    spool.requireRoom(request);
    free -= 60;
    spool.requireRoom(request);
    assertThatThrownBy(() -> spool.requireRoom(request(60))).hasMessage("no room");
    assertThat(free).isEqualTo(40);
  }
}
