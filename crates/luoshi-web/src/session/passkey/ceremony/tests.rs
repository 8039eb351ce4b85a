//! An RSA key as Windows machines make them, against a signature made by OpenSSL. What P-256 keys sign, and everything
//! that may be wrong with it, is tested through the pages in crates/luoshi/tests/passkeys.rs.

use super::*;

const COSE: &str = "pAEDAzkBACBZAQDl-WxEMrjAolYIJ-Vqo_CiFicVOdDEHqlCNNRXIKUUQnaoRAwugjR-Zh6ktSvbRWAHf1WBztLg0wiYD8k2\
     LafpqdQcKGDteCYxWnK12uuyImJQmfOuftGnhZRAT2MhC-5iG1yAucC9_I2OdUtQjtLxYOt9uVooZ9OoWFH6gLAVyWfKtTFe\
     uBS_x6Afq9ElqiU6jok2ho9R-EPaL3CaqHR6FLFl9Wf0PkicZtSJz43XLL6vsm2YdAXeKHBOm2AdocuvqVLDgT6rZd2TNyZp\
     IFl3Fi67GTTTBKPVvw6O0jh4vI144PLJ_8b7RyqS9TBLeT6o6Q6dkquljSxLzZwt93-PIUMBAAE";
const CLIENT: &str = "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiY0dGemMydGxlUSIsIm9yaWdpbiI6Imh0dHBzOi8vbHVvc2hp\
     LmV4YW1wbGUub3JnIn0";
const DATA: &str = "N5ohWtnLJUS1YJEx4fYTrryw86x44x-ilCG5zwqSXr0FAAAACQ";
const SIGNATURE: &str = "FB7J46Sau0lfFdzStUHeEryvY9UuFisFI_hfVZCRRTXlAJXg6EQxNprZNcwFFenHPz5RwiBbkuURIlRPSfwwmaPPZbvDF5Wz\
     DngqU2AQfrvyBGY8CancjHpNgqicEFb7OqOyOKEVgOhqGE6D-2IES7ETV2QW7r9DToBp75uZrU5lOf0aF7rLgWwFw9tdyIUd\
     l4pXkswoYevhJxDBiCZdSK-XFPXfEWdn2rvWf5KcBOLGxBbdQw03fTAfApI8c7FpIfWfx1LPbXaN6z5XsngBZY9aPQxrrrMm\
     0OKOwWmKIkATvf7A6QxsLde9lGZJTKSUgjdNWZPGIm1JEsbjiKScpA";

#[test]
fn an_rsa_signature_of_another_program_is_taken_and_a_changed_one_is_not() {
    let asked = Asked {
        origin: "https://luoshi.example.org".into(),
        host: "luoshi.example.org".into(),
        challenge: "cGFzc2tleQ".into(),
        verify: true,
    };
    assert_eq!(signed(&asked, COSE, [CLIENT, DATA, SIGNATURE]), Ok(9));
    let later = DATA.replace("FAAAACQ", "FAAAACg");
    assert_eq!(signed(&asked, COSE, [CLIENT, &later, SIGNATURE]), Err("a wrong signature"));
    assert_eq!(
        signed(&asked, &COSE.replacen("pAED", "pAEB", 1), [CLIENT, DATA, SIGNATURE]),
        Err("a key of another kind")
    );
}

#[test]
fn bytes_that_no_authenticator_sends_are_refused_and_nothing_breaks() {
    let asked = Asked { origin: "o".into(), host: "h".into(), challenge: "c".into(), verify: false };
    for junk in ["", "AA", "pAED", "____", "not base64!", &"A".repeat(30_000), &"n5-f".repeat(4_000)] {
        assert!(made(&asked, junk, junk).is_err());
        assert!(made(&asked, CLIENT, junk).is_err());
        assert!(signed(&asked, junk, [CLIENT, junk, junk]).is_err());
        assert!(signed(&asked, COSE, [junk, DATA, junk]).is_err());
    }
}
