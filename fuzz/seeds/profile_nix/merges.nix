{ a.b = 1; a.c = 2; a = { d = 3; }; a = { e.f = 4; }; a.e.g = 5; a.b = 6; or = 7; a.d.h = 8; }
