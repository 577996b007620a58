//! A form with a short sound in it, as `/audio/transcriptions` wants it.

use serde_json::Value;

/// Between the parts; it occurs in none of them.
const BOUNDARY: &str = "ruta-5f3b2c9e7d41-form";
/// The header that belongs to it.
pub(super) const CONTENT_TYPE: &str = "multipart/form-data; boundary=ruta-5f3b2c9e7d41-form";

/// Samples a second: what speech models work with.
const RATE: u32 = 16_000;
/// Samples in all, 0.6 seconds: services refuse less than 0.1 s, and some less than 0.5 s.
const SAMPLES: u32 = 9_600;

/// The fields as parts of a form, and the sound as its file.
pub(super) fn with_sound(fields: &Value) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields.as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned).replace(['\r', '\n'], " ");
        let head = format!("Content-Disposition: form-data; name=\"{name}\"");
        body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n{text}\r\n").bytes());
    }
    let head = "Content-Disposition: form-data; name=\"file\"; filename=\"ruta.wav\"\r\nContent-Type: audio/wav";
    body.extend(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").bytes());
    body.extend(wav());
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    body
}

/// A soft hum as WAV: one channel, 16 bits a sample.
fn wav() -> Vec<u8> {
    let bytes = SAMPLES * 2;
    let mut wav = Vec::with_capacity(44 + bytes as usize);
    wav.extend(b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    // PCM, one channel, samples and bytes a second, bytes and bits a sample.
    wav.extend(1_u16.to_le_bytes());
    wav.extend(1_u16.to_le_bytes());
    wav.extend(RATE.to_le_bytes());
    wav.extend((RATE * 2).to_le_bytes());
    wav.extend(2_u16.to_le_bytes());
    wav.extend(16_u16.to_le_bytes());
    wav.extend(b"data");
    wav.extend(bytes.to_le_bytes());
    // A triangle of 80 samples: 200 Hz.
    wav.extend(
        (0..40_i16)
            .chain((0..40).rev())
            .cycle()
            .take(SAMPLES as usize)
            .flat_map(|step| (step * 50 - 1_000).to_le_bytes()),
    );
    wav
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sound_is_a_wav_of_the_length_that_its_head_says() {
        let wav = wav();
        let number = |at: usize| u32::from_le_bytes(wav[at..at + 4].try_into().unwrap());
        assert_eq!((&wav[..4], &wav[8..16], &wav[36..40]), (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..]));
        assert_eq!(number(4) as usize, wav.len() - 8);
        assert_eq!(number(40) as usize, wav.len() - 44);
        assert_eq!((number(24), number(28), wav.len()), (16_000, 32_000, 19_244));
    }

    #[test]
    fn the_form_has_its_fields_and_its_file() {
        let form = with_sound(&serde_json::json!({ "model": "whisper-1" }));
        let text = String::from_utf8_lossy(&form);
        assert!(CONTENT_TYPE.ends_with(BOUNDARY));
        let first = "Content-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--";
        assert!(text.starts_with(&format!("--{BOUNDARY}\r\n{first}")));
        assert!(text.ends_with(&format!("\r\n--{BOUNDARY}--\r\n")));
        assert_eq!(text.matches(BOUNDARY).count(), 3);
    }
}
